import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../../../dev/processes/ports.ts'
import { findPostgresHome } from '../../../dev/programs/postgres-home.ts'
import { until } from '../../e2e/faults/until.ts'
import { TcpProxy } from '../chaos/proxies/tcp-proxy.ts'
import { SwitchedAddress } from './switched-address.ts'

const run = promisify(execFile)
const SCRIPT = join(import.meta.dirname, '../../../deploy/postgresql/replication.sh')
const PASSWORD = 'failover'
const STANDBY = 'standby_1'
/** Interval at which the promotion loop looks at the primary, and number of misses in a row that mean that it is dead. Milliseconds. */
const LOOK_EVERY_MS = 500
const ANSWERS_WITHIN_MS = 1_000
const MISSES = 3

type Account = { uid: number; gid: number } | undefined

/** A primary and a standby of Debian's PostgreSQL, set up by deploy/postgresql/replication.sh, and the address of the one that is the primary. */
export class ReplicatedPostgres {
  readonly address: SwitchedAddress
  readonly #dir: string
  readonly #account: Account
  readonly #primary: Server
  readonly #standby: Server
  readonly #link: TcpProxy

  private constructor(
    of: { dir: string; account: Account; primary: Server; standby: Server; link: TcpProxy },
    address: SwitchedAddress,
  ) {
    this.#dir = of.dir
    this.#account = of.account
    this.#primary = of.primary
    this.#standby = of.standby
    this.#link = of.link
    this.address = address
  }

  /** @param synchronous whether a commit waits until it is on the standby's disk */
  static async start({ synchronous }: { synchronous: boolean }): Promise<ReplicatedPostgres> {
    const bin = await debianBinaries()
    const dir = await mkdtemp(join(tmpdir(), 'order-saga-failover-'))
    const { account } = await findPostgresHome(join(dir, 'account'))
    const passwordFile = join(dir, 'password')
    await writeFile(passwordFile, PASSWORD)
    if (account) await chown(dir, account.uid, account.gid)
    const script = (...args: string[]) => run(SCRIPT, args, { ...account, cwd: dir, env: { ...process.env, PG_BIN: bin } })

    await script('primary', join(dir, 'primary'), passwordFile)
    const primary = await start(bin, join(dir, 'primary'), account)
    const link = await TcpProxy.before({ host: '127.0.0.1', port: primary.port })
    await script('standby', join(dir, 'standby'), STANDBY, link.address, passwordFile)
    const standby = await start(bin, join(dir, 'standby'), account)
    if (synchronous) {
      await ask(primary.port, `alter system set synchronous_standby_names = '${STANDBY}'`)
      await ask(primary.port, 'select pg_reload_conf()')
    }
    await until('the standby streams', async () => {
      const [row] = await ask(primary.port, `select sync_state from pg_stat_replication where application_name = '${STANDBY}'`)
      if (row?.sync_state !== (synchronous ? 'sync' : 'async')) throw new Error(String(row?.sync_state))
    })
    return new ReplicatedPostgres({ dir, account, primary, standby, link }, await SwitchedAddress.to(primary.port))
  }

  /** The URL of a database, by the address of the primary. */
  url(database: string): string {
    return this.address.urlFor(urlOf(this.#primary.port, database))
  }

  /** Breaks the stream: what is committed from now on is on the primary alone, or waits. */
  async cutLink(): Promise<void> {
    await this.#link.cut()
  }

  /** kill -9 of the primary and of everything that it runs. */
  killPrimary(): void {
    process.kill(-this.#primary.pid, 'SIGKILL')
  }

  /**
   * Looks after the primary, in place of Patroni; once it is dead promotes the standby, and turns the address to it.
   * @returns when that is done: Date.now() of the decision and of the end
   */
  async failOver(): Promise<{ decidedAt: number; servesAt: number }> {
    for (let misses = 0; misses < MISSES; await sleep(LOOK_EVERY_MS)) {
      misses = await ask(this.#primary.port, 'select 1').then(
        () => 0,
        () => misses + 1,
      )
    }
    const decidedAt = Date.now()
    await run(SCRIPT, ['promote', join(this.#dir, 'standby')], { ...this.#account, cwd: this.#dir })
    this.address.turnTo(this.#standby.port)
    return { decidedAt, servesAt: Date.now() }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#primary.end(), this.#standby.end()])
    await Promise.all([this.#link.close(), this.address.close()])
    await rm(this.#dir, { recursive: true, force: true })
  }
}

interface Server {
  port: number
  pid: number
  end(): Promise<void>
}

async function start(bin: string, cluster: string, account: Account): Promise<Server> {
  const port = await freePort()
  const child = spawn(join(bin, 'postgres'), ['-D', cluster, '-p', `${port}`, '-c', 'max_connections=200'], {
    ...account,
    cwd: cluster,
    stdio: 'ignore',
    detached: true, // a group of its own: all of it can be killed at once
  })
  const pid = child.pid as number
  const kill = () => process.kill(-pid, 'SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  await until('PostgreSQL answers', () => ask(port, 'select 1'))
  return {
    port,
    pid,
    async end() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGQUIT')
      await gone
    },
  }
}

async function debianBinaries(): Promise<string> {
  const root = '/usr/lib/postgresql'
  const versions = (await readdir(root).catch(() => [])).map(Number).filter(Number.isFinite)
  if (versions.length === 0) throw new Error(`there is no PostgreSQL server below ${root}: apt-get install postgresql`)
  return join(root, `${Math.max(...versions)}`, 'bin')
}

function urlOf(port: number, database: string): string {
  return `postgres://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`
}

async function ask(port: number, statement: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({
    connectionString: urlOf(port, 'postgres'),
    connectionTimeoutMillis: ANSWERS_WITHIN_MS,
    query_timeout: ANSWERS_WITHIN_MS,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(statement)).rows
  } finally {
    await client.end().catch(() => {})
  }
}
