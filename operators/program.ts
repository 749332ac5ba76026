import { Command, InvalidArgumentError, Option } from 'commander'
import { InputProblems } from '../contracts/input-problems.ts'
import { MAX_ID } from '../contracts/limits.ts'
import type { Schema } from '../contracts/schema.ts'
import { shownLines } from '../contracts/shown-text.ts'
import { ARCHIVE_SHARE } from '../contracts/time-budget.ts'
import type { AskedVerb, Outcome, Verb } from './verb.ts'
import { VERBS, type Verdict } from './verbs.ts'

/** The verb resolve takes one of these: each excludes the others. */
const VERDICTS = ['sold', 'notSold', 'proposed', 'asAnswered', 'close']
const othersThan = (verdict: string) => VERDICTS.filter((one) => one !== verdict)

/** Has a verb carried out. @param server address of the starter that is to do so; absent: here */
export type Perform = (asked: AskedVerb, server: string | undefined) => Promise<Outcome>

interface Options {
  by?: string
  why?: string
  json?: boolean
}

/** The command line of `npm run orders -- …`: every verb with its options. @param show receives what came of it, as it is to be printed */
export function createProgram(perform: Perform, show: (outcome: Outcome) => void): Command {
  async function ask(verb: Verb, given: AskedVerb['given'], { by, why = 'not given', json = false }: Options): Promise<void> {
    const { server } = program.opts<{ server?: string }>()
    const { text, data, well } = await perform({ verb, given, ...(by !== undefined && { by }), why }, server)
    // Text of callers and services does nothing to the terminal, whichever verb shows it.
    show({ text: shownLines(json && data !== undefined ? JSON.stringify(data, null, 2) : text), well })
  }
  const program = new Command('orders')
    .description('Looks after orders: what is stuck, why, and what can be done about it.')
    .option(
      '--server <url>',
      'has a starter do it, over HTTP, as the bearer of ORDERS_TOKEN: no database is needed then',
      webAddress,
    )
    .addHelpText('after', '\nExit status: 0 done, 1 refused, failed, or something is unexplained, 2 bad usage.')
    .showHelpAfterError()

  byPage(program.command('list').description('orders that are stuck, in doubt or being compensated'), VERBS.list)
    .option('--json', 'for machines')
    .action(async ({ after, limit, ...options }) => ask(VERBS.list, { after, limit }, options))

  program
    .command('find')
    .description('the number of the order that a user placed under an idempotency key, which no run names')
    .requiredOption('--user <id>', 'number of the user', userId)
    .requiredOption('--key <key>', 'the Idempotency-Key, or requestId')
    .action(async ({ user, key, ...options }) => ask(VERBS.find, { userId: user, key }, options))

  program
    .command('show')
    .description('the saga of one order: steps, attempts, undo, stock and money, runs, audit trail')
    .argument('<orderSn>')
    .option('--json', 'for machines')
    .action(async (orderSn, options) => ask(VERBS.show, { orderSn }, options))

  byOperator(
    program.command('retry').description('the next attempt now: of its run, or of one that settles it').argument('<orderSn>'),
  ).action(async (orderSn, options) => ask(VERBS.retry, { orderSn }, options))

  byOperator(
    program.command('cancel').description('cancels an order that is not paid: what it holds is given back').argument('<orderSn>'),
  ).action(async (orderSn, options) => ask(VERBS.cancel, { orderSn }, options))

  byPage(program.command('refunds').description('payments that are to be given back, and why'), VERBS.refunds)
    .option('--json', 'for machines')
    .action(async ({ after, limit, ...options }) => ask(VERBS.refunds, { after, limit }, options))

  program
    .command('refunded')
    .description('records that a payment was given back')
    .argument('<payment>', 'as refunds names it: provider/paymentId')
    .option('--by <name>', BY, text)
    .requiredOption('--why <text>', 'how, such as the number of the refund', text)
    .action(async (payment, options) => ask(VERBS.refunded, { payment }, options))

  program
    .command('erase')
    .description("erases who a user's orders went to, for good: their names, addresses, phone numbers and notes")
    .requiredOption('--user <id>', 'whose', userId)
    .option('--by <name>', BY, text)
    .requiredOption('--why <text>', 'the reason, for the audit trail: no personal data', text)
    .option('--paid-too', 'also while orders are paid and not finished, which nobody can be sent then')
    .action(async ({ user, paidToo = false, ...options }) => ask(VERBS.erase, { userId: user, paidToo }, options))

  program
    .command('archive')
    .description(
      'moves orders that are over into the archive, where everything still finds them, some at a time beside running orders',
    )
    .requiredOption('--older-than <days>', 'for how many days at least they have not changed, such as 90', days)
    .option('--share <percent>', 'for how much of the time the store may be at it', percent, ARCHIVE_SHARE)
    .action(async ({ olderThan, share, ...options }) => ask(VERBS.archive, { olderThanDays: olderThan, share }, options))

  program
    .command('seal')
    .description('seals the recipients that stand in clear: of orders of before, imported ones, those of Temporal clients')
    .action(async (options) => ask(VERBS.seal, {}, options))

  program
    .command('rewrap')
    .description('wraps the keys of recipients by the first key of RECIPIENT_KEYS_FILE: the others can go then')
    .action(async (options) => ask(VERBS.rewrap, {}, options))

  byOperator(
    byPage(
      program.command('events').description('events that the webhook does not have: given up, or waiting to be tried again'),
      VERBS.events,
    )
      .addOption(new Option('--again <event>', 'sends one again, named as ORDER/SEQ').conflicts(['all', 'drop']))
      .addOption(
        new Option('--drop <event>', 'gives up for good to deliver one, named as ORDER/SEQ; it takes --why').conflicts('all'),
      )
      .option('--all', 'sends all again that were given up')
      .option('--json', 'for machines'),
  ).action(async ({ again, all, drop, after, limit, ...options }, command: Command) => {
    if (drop && options.why === undefined) command.error("error: '--drop' takes the reason: '--why <text>'")
    if (drop) return await ask(VERBS.drop, { event: drop }, options)
    if (again ?? all) return await ask(VERBS.sendAgain, again === undefined ? {} : { event: again }, options)
    await ask(VERBS.events, { after, limit }, options)
  })

  program
    .command('resolve')
    .description(
      'settles an order in doubt by what was found out in the inventory, or one that a run calls confirmed and the store does not',
    )
    .argument('[orderSn]', 'without it, with --proposed: every order in doubt')
    .addOption(new Option('--sold', 'its pieces are counted as sold there: they are given back').conflicts(othersThan('sold')))
    .addOption(
      new Option('--keep', 'with --sold: it goes on to its payment, at the prices of today').conflicts(othersThan('sold')),
    )
    .addOption(new Option('--not-sold', 'they are not: nothing is owed').conflicts(othersThan('notSold')))
    .addOption(
      new Option('--proposed', 'as the stock of its goods says, if it does: shows the verdict and why').conflicts(
        othersThan('proposed'),
      ),
    )
    .addOption(new Option('--apply', 'with --proposed: settles it so').conflicts(othersThan('proposed')))
    .addOption(new Option('--json', 'with --proposed: for machines').conflicts(othersThan('proposed')))
    .addOption(new Option('--as-answered', 'it is confirmed again, as its run answered').conflicts(othersThan('asAnswered')))
    .addOption(
      new Option('--close', 'it is closed against what its run answered, and its stock given back').conflicts(
        othersThan('close'),
      ),
    )
    .option('--by <name>', BY, text)
    .option('--why <text>', 'how it was found out', text)
    .action(async (orderSn: string | undefined, { sold, keep, notSold, asAnswered, close, ...given }, command: Command) => {
      const { proposed, apply = false, ...options } = given
      if (proposed) {
        const which = orderSn === undefined ? {} : { orderSn }
        return await ask(apply ? VERBS.applyProposals : VERBS.proposals, which, { ...options, why: options.why ?? 'proposed' })
      }
      if (orderSn === undefined) command.error("error: missing required argument 'orderSn'")
      if (options.why === undefined) command.error("error: required option '--why <text>' not specified")
      const verdict = verdictOf({ sold, keep, notSold, asAnswered, close })
      if (!verdict) {
        command.error(
          "error: say what was found out: '--sold' or '--not-sold'; of an order that was answered: '--as-answered' or '--close'",
        )
      }
      await ask(VERBS.resolve, { orderSn, verdict }, options)
    })

  byOperator(
    program
      .command('reconcile')
      .description('compares every order with the inventory, names what is wrong, proposes repairs')
      .addOption(new Option('--apply', 'carries the repairs out, then compares again').conflicts('baseline'))
      .option('--return-unknown', 'with --apply: gives back sales without an order, too')
      .option('--return-answered', 'with --apply: the same of those that a run called confirmed')
      .option('--baseline', 'vouches for stock and orders as they are now: later comparisons hold the stock against it')
      .option('--goods <ids>', 'with --baseline: goods that were never ordered, such as 1-200,205', goodsIds)
      .option('--json', 'for machines'),
  ).action(async ({ apply = false, returnUnknown = false, returnAnswered = false, baseline, goods, ...options }) => {
    if (baseline) return await ask(VERBS.baseline, goods ? { goods } : {}, options)
    if (apply) return await ask(VERBS.repair, { returnUnknown, returnAnswered }, options)
    await ask(VERBS.reconcile, {}, options)
  })

  return program
}

const BY = 'who does it, if nobody else knows: otherwise the token or the account of the database says so'

/** The list of a verb comes page by page. */
function byPage(command: Command, { fields }: Verb): Command {
  return command
    .option('--after <place>', 'goes on behind a page, at the place that it names', readBy(fields.after))
    .option('--limit <rows>', 'of one page', readBy(fields.limit))
}

/** Reads an argument as the field of a verb is read from a query. */
function readBy(field: Schema<unknown> | undefined): (given: string) => unknown {
  return (given) => {
    const found = new InputProblems()
    const read = field?.read(given, '', found)
    const [problem] = found.counting(() => true)
    if (problem) throw new InvalidArgumentError(`It ${problem.problem}.`)
    return read
  }
}

function byOperator(command: Command): Command {
  return command.option('--by <name>', BY, text).option('--why <text>', 'the reason, for the audit trail', text)
}

function verdictOf(given: Partial<Record<Verdict, boolean>>): Verdict | undefined {
  if (given.keep) return 'keep'
  return (['sold', 'notSold', 'asAnswered', 'close'] as const).find((verdict) => given[verdict])
}

/** A token would be read by whoever stands on the way to another machine. */
function webAddress(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  if (!url || !isSafe) throw new InvalidArgumentError('It has to be an https address, or an http one of this machine.')
  return url.href.replace(/\/+$/, '')
}
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/

function text(given: string): string {
  if (given.trim() === '' || given.includes('\0')) throw new InvalidArgumentError('It must not be empty.')
  return given.trim()
}

function userId(given: string): number {
  if (!/^[1-9]\d{0,9}$/.test(given) || Number(given) > MAX_ID) throw new InvalidArgumentError('It has to be the id of a user.')
  return Number(given)
}

function days(given: string): number {
  if (!/^\d{1,4}d?$/.test(given)) throw new InvalidArgumentError('It has to be a number of days, from 0 to 9999.')
  return Number.parseInt(given, 10)
}

function percent(given: string): number {
  if (!/^([1-9]\d?|100)$/.test(given)) throw new InvalidArgumentError('It has to be a percentage, from 1 to 100.')
  return Number(given)
}

function goodsIds(given: string): number[] {
  return given.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,10})(?:-(\d{1,10}))?$/.exec(part.trim()) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (!(from >= 1 && from <= to && to <= MAX_ID && to - from < 100_000)) {
      throw new InvalidArgumentError('It has to be a list of goods ids and ranges of them, such as 1-200,205.')
    }
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}
