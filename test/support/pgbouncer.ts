import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../../dev/processes/ports.ts'
import { findPostgresHome } from '../../dev/programs/postgres-home.ts'
import { endWithRun } from './end-with-run.ts'
import { onPath } from './on-path.ts'

const LOOK_EVERY_MS = 20
/** Path at which Debian puts it; not on everybody's PATH. */
const SBIN = '/usr/sbin'

export interface Pooler {
  /** The same URL by way of the pooler. */
  urlFor(url: string): string
  /** Connections to PostgreSQL that it opens for each account and database at most. */
  readonly size: number
  readonly pid: number
}

/** Path of PgBouncer; undefined if it is not installed (Debian: apt-get install pgbouncer). */
export function findPgbouncer(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return onPath(['pgbouncer'], { PATH: [env.PATH, SBIN].join(delimiter) })
}

/**
 * Starts a PgBouncer in transaction mode in front of a server, set up as docs/deploy.md says; it ends with the run.
 * @param accounts connection strings of the accounts that may pass
 */
export async function startPgbouncer(
  program: string,
  accounts: readonly string[],
  { size = 4, server }: { size?: number; server?: { host: string; port: number } } = {},
): Promise<Pooler> {
  const [first] = accounts
  if (first === undefined) throw new Error('a pooler needs an account')
  const { hostname: host, port: serverPort } = new URL(first)
  const target = server ?? { host, port: Number(serverPort) }
  const dir = await mkdtemp(join(tmpdir(), 'order-saga-pooler-'))
  const { account } = await findPostgresHome(join(dir, 'postgres')) // like PostgreSQL, it does not run as root
  const port = await freePort()
  const users = accounts.map((url) => new URL(url)).map(({ username, password }) => `"${username}" "${password}"`)
  const files = {
    'users.txt': `${users.join('\n')}\n`,
    'pgbouncer.ini': `[databases]
* = host=${target.host} port=${target.port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(dir, 'users.txt')}
pool_mode = transaction
ignore_startup_parameters = extra_float_digits,statement_timeout
max_client_conn = 500
default_pool_size = ${size}
server_login_retry = 1
`,
  }
  if (account) await chown(dir, account.uid, account.gid)
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(dir, name), text, { mode: 0o600 })
    if (account) await chown(join(dir, name), account.uid, account.gid)
  }
  const child = spawn(program, ['--quiet', join(dir, 'pgbouncer.ini')], {
    ...account,
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said += chunk
  })
  endWithRun(dir, { stop: () => end(child), kill: () => child.kill('SIGKILL') })
  const through = (url: string) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href
  while (!(await answers(through(first)))) {
    if (child.exitCode !== null) throw new Error(`pgbouncer ended: ${said}`)
    await sleep(LOOK_EVERY_MS)
  }
  return { urlFor: through, size, pid: child.pid as number }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM') // it leaves at once, whoever is connected
  await once(child, 'exit')
}

async function answers(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString })
  client.on('error', () => {})
  return await client
    .connect()
    .then(() => client.query('select'))
    .then(
      () => true,
      () => false,
    )
    .finally(() => client.end().catch(() => {}))
}
