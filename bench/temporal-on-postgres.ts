import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { run, stopRequested } from '../composition/lifecycle.ts'
import { DYNAMIC_CONFIG } from '../dev/temporal-settings.ts'
import { buildPrograms } from './temporal-server/build-programs.ts'
import { startOnPostgres, type TemporalOnPostgres } from './temporal-server/start-on-postgres.ts'

const USAGE = `npm run bench:temporal-on-postgres -- [options]

  --as-installed   the server's own dynamic configuration, instead of that of the dev server of npm start
  --shards N       its history shards, 4 unless said otherwise, as in the server's own configuration for development

Any other option goes to npm run bench (--help lists them), whose results are kept apart here.
`

const PROJECT = join(import.meta.dirname, '..')
const DATA_DIR = join(PROJECT, '.data', 'temporal-on-postgres')
/** Number of shards, that of the server's own configuration for development; a production cluster plans for its future hosts (docs/temporal-server.md). */
const HISTORY_SHARDS = 4

/** `npm run bench:temporal-on-postgres`: the bench against a production Temporal server with PostgreSQL behind it. */
run(async () => {
  const args = process.argv.slice(2)
  if (args.includes('--help')) return console.log(USAGE)
  const asInstalled = args.includes('--as-installed')
  const shardsAt = args.indexOf('--shards')
  const historyShards = shardsAt < 0 ? HISTORY_SHARDS : Number(args[shardsAt + 1])
  if (!(Number.isInteger(historyShards) && historyShards > 0)) throw new Error('--shards must be a number above 0')
  const benchArgs = args.filter(
    (arg, at) => arg !== '--as-installed' && (shardsAt < 0 || (at !== shardsAt && at !== shardsAt + 1)),
  )
  const stopping = new AbortController()
  void stopRequested().then((by) => stopping.abort(new Error(`stopped by ${by}: nothing was written`)))
  const log = (line: string) => console.log(line)

  const programs = await buildPrograms(DATA_DIR, log, stopping.signal)
  const server = await startOnPostgres({
    programs,
    dataDir: DATA_DIR,
    dynamicConfig: asInstalled ? {} : DYNAMIC_CONFIG,
    historyShards,
    log,
  })
  try {
    stopping.signal.throwIfAborted()
    await bench(server, benchArgs, stopping.signal)
  } finally {
    await server.stop()
  }
})

/** @throws Error when the bench did not end well: it has reported why */
async function bench({ address, pid, databasePid }: TemporalOnPostgres, args: string[], signal: AbortSignal): Promise<void> {
  const server = ['--temporal', address, '--temporal-pid', `${pid}`, '--temporal-database-pid', `${databasePid}`]
  const folders = ['--data', join(DATA_DIR, 'bench'), '--out', join(PROJECT, 'bench', 'results', 'temporal-on-postgres')]
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...server, ...folders, ...args], {
    cwd: PROJECT,
    // By the channel's end it learns that we are gone; the group of its own leaves Ctrl-C to us.
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: true,
  })
  signal.addEventListener('abort', () => child.kill('SIGTERM'))
  const [status] = await once(child, 'exit')
  if (status !== 0) throw new Error('the bench ended without results: see above')
}
