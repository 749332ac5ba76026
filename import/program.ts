import { userInfo } from 'node:os'
import { Command, InvalidArgumentError } from 'commander'
import { mysqlUrl } from './connect-mysql.ts'

/** Options of an import. */
export interface ImportOptions {
  from?: string
  timezone: string
  /** True if the zone is the caller's word, and not this process's own. */
  zoneGiven: boolean
  dryRun: boolean
}

/** Options of an audit. */
export interface AuditOptions {
  from?: string
  timezone: string
  /** Address of the inventory's own tables; without it the inventory is asked over gRPC. */
  inventory?: string
  /** Path of a file. */
  supplied?: string
  apply: boolean
  by: string
  why: string
  json: boolean
}

/** Options of the way back. */
export type BackOptions = Pick<ImportOptions, 'timezone'>

/** The command line of `npm run import -- …`. */
export function createProgram(run: {
  import(options: ImportOptions): Promise<void>
  audit(options: AuditOptions): Promise<void>
  back(options: BackOptions): Promise<void>
}): Command {
  return new Command('import')
    .description(
      'Takes over orders and carts from the MySQL database of the service that this one replaces, or audits what that one lost.',
    )
    .option('--from <url>', 'its order database: mysql://user@host:3306/joyshop_order; with a password by IMPORT_FROM instead')
    .option('--timezone <name>', 'time zone of the times there, such as Asia/Shanghai', zone, hereZone())
    .option('--dry-run', 'says what would be done and what can not be taken, and changes nothing', false)
    .option('--audit', 'computes what the original lost, and imports nothing')
    .option(
      '--inventory <url>',
      'with --audit: the database of its inventory, or IMPORT_INVENTORY; without both INVENTORY_TARGET is asked',
    )
    .option('--supplied <file>', 'with --audit: what was ever put into the inventory, a line GOODS,PIECES for each goods')
    .option('--apply', 'with --audit: gives back what closed orders prove, each once', false)
    .option('--by <name>', 'with --apply: who does it', accountName())
    .option('--why <text>', 'with --apply: the reason, for the audit trail', 'what the original never gave back')
    .option('--back', 'prints the SQL by which the source goes on where this service leaves off, and imports nothing')
    .option('--json', 'with --audit: for machines', false)
    .addHelpText('after', '\nExit status: 0 done, 1 failed, 2 bad usage, 3 done, and rows were left out.')
    .showHelpAfterError()
    .action(async ({ audit, back, dryRun, ...options }, command: Command) => {
      const ofAudit = ['inventory', 'supplied', 'apply', 'by', 'why', 'json'].filter(
        (name) => command.getOptionValueSource(name) === 'cli',
      )
      for (const name of ['from', 'inventory'] as const) checkAddress(name, options[name], command)
      if (audit && dryRun) command.error('error: --audit changes nothing without --apply: leave out --dry-run')
      if (!audit && ofAudit.length > 0) command.error(`error: --${ofAudit[0]} goes with --audit`)
      if (audit && back) command.error('error: --audit and --back exclude each other')
      if (back) await run.back(options)
      else if (audit) await run.audit(options)
      else await run.import({ ...options, dryRun, zoneGiven: command.getOptionValueSource('timezone') === 'cli' })
    })
}

/** Checks an address once the options are parsed: a parser of the option would have what it refuses printed, and the password with it. */
function checkAddress(name: string, given: string | undefined, command: Command): void {
  try {
    if (given !== undefined) mysqlUrl(given)
  } catch (error) {
    command.error(`error: --${name} ${(error as Error).message}`)
  }
}

function zone(given: string): string {
  try {
    // An offset alone is none: PostgreSQL counts it from east to west, and everybody else from west to east.
    if (/^[A-Za-z]/.test(given) && new Intl.DateTimeFormat('en', { timeZone: given })) return given
  } catch {}
  throw new InvalidArgumentError('It must be the name of a time zone, such as Asia/Shanghai.')
}

/** Zone of this process, as the original reads its times by that of its own. */
function hereZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** Some containers have no account for their user id. */
function accountName(): string {
  try {
    return userInfo().username
  } catch {
    return 'unknown'
  }
}
