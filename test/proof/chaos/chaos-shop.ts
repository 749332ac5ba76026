import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { type LaunchRecord, openLaunchRecord } from '../../../dev/processes/launch-record.ts'
import { freePort } from '../../../dev/processes/ports.ts'
import { programCommand } from '../../../dev/processes/program-command.ts'
import { spawnPart } from '../../../dev/processes/spawn-part.ts'
import { Supervisor } from '../../../dev/processes/supervisor.ts'
import { type Stack, startStack } from '../../../dev/stack.ts'
import { connectDatabase, type Database } from '../../../store/database.ts'
import type { PartName, ServiceName } from './fault-event.ts'
import { GrpcProxy } from './proxies/grpc-proxy.ts'
import { TcpProxy } from './proxies/tcp-proxy.ts'

const PROJECT = join(import.meta.dirname, '../../..')
/** Short ones: orders that nobody pays expire in the midst of the faults. Milliseconds. */
const PAY_WITHIN_MS = 8_000
export const PAY_GRACE_MS = 2_000
/** Short ones: what only the sweep settles shall not keep a run of minutes waiting. Callers get 202 before a pause is over. */
const SETTINGS = {
  ...{ SWEEP_AFTER_MS: '30001', SWEEP_EVERY_MS: '5000', HTTP_WAIT_MS: '5000', LOG_LEVEL: 'warn' },
  ...{ PAY_WITHIN_MS: String(PAY_WITHIN_MS), PAY_GRACE_MS: String(PAY_GRACE_MS) },
}
/** Books of 20,000 orders are read by one statement. Milliseconds. */
const STATEMENT_TIMEOUT_MS = 60_000
/** Attempts at a restart. */
const MAX_STARTS = 3

/** Our own programs of the shop, what each is given beside the rest. */
const ROOTS = {
  'worker-1': { file: 'worker.ts', settings: {} },
  'worker-2': { file: 'worker.ts', settings: {} },
  lane: { file: 'starter.ts', settings: { INTAKE: 'lane' } },
  single: { file: 'starter.ts', settings: { INTAKE: 'single' } },
} as const
type RootName = keyof typeof ROOTS

/**
 * A stack in which everything can go wrong: two workers and two starters, one of each intake, which are started again when they
 * die and reach services, PostgreSQL and Temporal through proxies. The chaos itself looks at all of it directly.
 */
export class ChaosShop {
  readonly client: Client
  readonly db: Database
  /** `host:port`, without a proxy. */
  readonly inventoryAddress: string
  /** True if the inventory honours order numbers. */
  readonly keyed: boolean
  /** Base URL of each starter. */
  readonly urls: Record<'lane' | 'single', string>
  /** `host:port` at which each starter serves OrderService. */
  readonly doors: Record<'lane' | 'single', string>
  readonly services: Record<ServiceName, GrpcProxy>
  readonly ways: Record<'postgres' | 'temporal', TcpProxy>
  readonly #stack: Stack
  readonly #roots: Supervisor
  readonly #record: LaunchRecord

  private constructor(
    parts: Pick<ChaosShop, 'client' | 'db' | 'keyed' | 'urls' | 'doors' | 'services' | 'ways'>,
    stack: Stack,
    roots: Supervisor,
    record: LaunchRecord,
  ) {
    this.client = parts.client
    this.db = parts.db
    this.keyed = parts.keyed
    this.urls = parts.urls
    this.doors = parts.doors
    this.services = parts.services
    this.ways = parts.ways
    this.inventoryAddress = `127.0.0.1:${stack.ports.inventory}`
    this.#stack = stack
    this.#roots = roots
    this.#record = record
  }

  /**
   * @param dataDir emptied first; logs in its `logs/`
   * @throws Error that says which part failed; nothing is left running then
   */
  static async start(dataDir: string, log: (line: string) => void, keyed = true): Promise<ChaosShop> {
    const env = { ...SETTINGS, INTAKE: 'single', INVENTORY_MODE: keyed ? 'keyed' : 'unkeyed' }
    const stack = await startStack({ dataDir, log, anyPorts: true, reset: true, workers: 0, env })
    const record = openLaunchRecord(join(dataDir, 'roots'))
    const roots = new Supervisor(record, log)
    const opened: { close(): Promise<void> }[] = []
    try {
      await stack.stopPart('starter') // it knows no proxy
      const [goods, inventory, user] = (await Promise.all(
        (['goods', 'inventory', 'user'] as const).map((name) => GrpcProxy.before(`127.0.0.1:${stack.ports[name]}`)),
      )) as [GrpcProxy, GrpcProxy, GrpcProxy]
      const postgres = await TcpProxy.beforeUrl(stack.databaseUrl)
      const temporal = await TcpProxy.before({ host: '127.0.0.1', port: stack.ports.temporal })
      opened.push(goods, inventory, user, postgres, temporal)
      const through = {
        TEMPORAL_ADDRESS: temporal.address,
        DATABASE_URL: postgres.urlFor(stack.databaseUrl),
        GOODS_TARGET: goods.address,
        INVENTORY_TARGET: inventory.address,
        USER_TARGET: user.address,
      }
      const urls: Record<string, string> = {}
      const doors = { lane: `127.0.0.1:${await freePort()}`, single: `127.0.0.1:${await freePort()}` }
      await Promise.all(
        (Object.keys(ROOTS) as RootName[]).map(async (name) => {
          const door = { GRPC_ADDR: name === 'lane' || name === 'single' ? doors[name] : '127.0.0.1:0' }
          urls[name] = await startRoot(roots, name, { ...stack.env, ...through, ...door }, stack.logsDir)
        }),
      )
      const { address, namespace } = stack.temporal
      const client = new Client({ connection: await Connection.connect({ address }), namespace })
      const db = connectDatabase(stack.databaseUrl, { statementTimeoutMs: STATEMENT_TIMEOUT_MS })
      const parts = {
        client,
        db,
        keyed,
        urls: { lane: urls.lane ?? '', single: urls.single ?? '' },
        doors,
        services: { goods, inventory, user },
        ways: { postgres, temporal },
      }
      return new ChaosShop(parts, stack, roots, record)
    } catch (error) {
      await roots.stopAll([])
      record.close()
      await Promise.all(opened.map((proxy) => proxy.close()))
      await stack.stop()
      throw error
    }
  }

  /** Sends a signal; a part that dies of it is started again. */
  signal(part: PartName, signal: NodeJS.Signals): void {
    if (part in ROOTS) this.#roots.part(part).kill(signal)
    else this.#stack.kill(part, signal)
  }

  /** Stops a part in order, and starts it again. */
  async restart(part: PartName): Promise<void> {
    const own = part in ROOTS ? this.#roots.part(part) : undefined
    await (own ? own.stop() : this.#stack.stopPart(part))
    // What it needs may be away for longer than its first start has patience.
    for (let tries = 1; ; tries++) {
      try {
        return await (own ? own.start() : this.#stack.startPart(part))
      } catch (error) {
        if (tries === MAX_STARTS) throw error
      }
    }
  }

  async stop(): Promise<void> {
    await this.#roots.stopAll([Object.keys(ROOTS)])
    this.#record.close()
    await this.client.connection.close()
    await this.db.destroy()
    await Promise.all([...Object.values(this.services), ...Object.values(this.ways)].map((proxy) => proxy.close()))
    await this.#stack.stop()
  }

  /** Ends every process at this moment. */
  killAll(): void {
    this.#roots.killAll()
    this.#stack.killAll()
  }
}

/** @returns its base URL */
async function startRoot(roots: Supervisor, name: RootName, env: NodeJS.ProcessEnv, logsDir: string): Promise<string> {
  const { file, settings } = ROOTS[name]
  const address = `127.0.0.1:${await freePort()}`
  const url = `http://${address}`
  await roots.start({
    name,
    at: url,
    stopSignal: 'SIGTERM',
    start: (onSpawn) =>
      spawnPart({
        name,
        ...programCommand(file, { ...env, METRICS_ADDR: address, HTTP_ADDR: address, ...settings }),
        cwd: PROJECT,
        ipc: true,
        logFile: join(logsDir, `${name}.log`),
        isHealthy: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(10_000) })).ok,
        onSpawn,
      }),
  })
  return url
}
