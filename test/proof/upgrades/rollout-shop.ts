import { join } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { ensureDatabase } from '../../../dev/ensure-database.ts'
import type { RunningPart } from '../../../dev/processes/part.ts'
import { freePort } from '../../../dev/processes/ports.ts'
import { runTask } from '../../../dev/processes/run-task.ts'
import { spawnPart } from '../../../dev/processes/spawn-part.ts'
import { type Stack, startStack } from '../../../dev/stack.ts'
import { connectDatabase, type Database } from '../../../store/database.ts'
import { everyUser } from '../../support/every-user.ts'
import { BalancedAddress } from './balanced-address.ts'
import type { Build } from './build-of.ts'

/** Programs that every build is rolled out with, in the order in which they are replaced: workers before starters. */
const ROOTS = ['worker-1', 'worker-2', 'starter-1', 'starter-2'] as const
type RootName = (typeof ROOTS)[number]

const DATABASE = 'rollout'
const ROLES = { DATABASE_APP_ROLE: 'orders_app', DATABASE_OPERATOR_ROLE: 'orders_operator' }
/** The sweep comes soon and often: what a build leaves to the other is settled while we look. */
const SETTINGS = { SWEEP_AFTER_MS: '30001', SWEEP_EVERY_MS: '5000', HTTP_WAIT_MS: '5000', LOG_LEVEL: 'warn' }
/** The books are read by one statement. Milliseconds. */
const STATEMENT_TIMEOUT_MS = 60_000

/** A root that runs, and the port on which it serves HTTP. */
interface Root extends RunningPart {
  port: number
}

/**
 * Two workers and two starters behind one address, on one Temporal and one PostgreSQL, of whichever build. The stack beside them lends services, Temporal and PostgreSQL;
 * its own starter is stopped, and the orders are in a database that only the builds have migrated.
 */
export class RolloutShop {
  readonly client: Client
  readonly db: Database
  /** Base URL of the starters. */
  readonly httpUrl: string
  readonly inventoryAddress: string
  readonly #stack: Stack
  readonly #address: BalancedAddress
  readonly #databaseUrl: string
  readonly #ends: (() => unknown)[]
  readonly #log: (line: string) => void
  readonly #roots = new Map<RootName, Root>()

  private constructor(
    { client, db }: Pick<RolloutShop, 'client' | 'db'>,
    parts: { stack: Stack; address: BalancedAddress; databaseUrl: string },
    ends: (() => unknown)[],
    log: (line: string) => void,
  ) {
    this.client = client
    this.db = db
    this.httpUrl = `http://127.0.0.1:${parts.address.port}`
    this.inventoryAddress = `127.0.0.1:${parts.stack.ports.inventory}`
    this.#stack = parts.stack
    this.#address = parts.address
    this.#databaseUrl = parts.databaseUrl
    this.#ends = ends
    this.#log = log
  }

  /** @param dataDir emptied first; logs in its `logs/` */
  static async open(dataDir: string, log: (line: string) => void): Promise<RolloutShop> {
    const ends: (() => unknown)[] = []
    try {
      const users = await everyUser()
      ends.push(() => users.stop())
      const env = { ...SETTINGS, USER_TARGET: users.address }
      const stack = await startStack({ dataDir, log, anyPorts: true, reset: true, workers: 0, env })
      const killAll = () => stack.killAll()
      process.once('exit', killAll)
      ends.push(async () => {
        await stack.stop()
        process.off('exit', killAll)
      })
      await stack.stopPart('starter')
      const databaseUrl = inDatabase(stack.databaseUrl)
      await ensureDatabase(databaseUrl)
      const { address: at, namespace } = stack.temporal
      const client = new Client({ connection: await Connection.connect({ address: at }), namespace })
      const db = connectDatabase(databaseUrl, { statementTimeoutMs: STATEMENT_TIMEOUT_MS })
      const address = await BalancedAddress.open()
      ends.push(
        () => client.connection.close(),
        () => db.destroy(),
        () => address.close(),
      )
      return new RolloutShop({ client, db }, { stack, address, databaseUrl }, ends, log)
    } catch (error) {
      for (const end of ends.reverse()) await end()
      throw error
    }
  }

  /** `npm run migrate` of a build. */
  async migrate({ commit, folder }: Build): Promise<void> {
    await runTask({
      name: `migrate of ${commit}`,
      ...{ command: process.execPath, args: ['dist/composition/migrate.js'], cwd: folder },
      env: { ...this.#stack.env, ...ROLES, DATABASE_URL: this.#databaseUrl },
      logFile: join(this.#stack.logsDir, `migrate-${commit}.log`),
    })
    this.#log(`migrated by ${commit}`)
  }

  /**
   * Starts each root of a build, and then stops the one that it replaces.
   * @param between waited for while both are up beside each other, and behind it
   * @returns what left otherwise than in order
   */
  async rollOut(build: Build, between: () => Promise<unknown>): Promise<string[]> {
    const wrong: string[] = []
    for (const name of ROOTS) {
      const before = this.#roots.get(name)
      const root = await this.#start(name, build)
      this.#roots.set(name, root)
      this.#log(`${name} of ${build.commit} is ready`)
      if (!before) {
        this.#balance()
        continue
      }
      if (name.startsWith('starter')) this.#address.leadTo([...this.#ports(), before.port])
      await between()
      this.#balance()
      await before.stop()
      const how = await before.exited
      if (how !== 'status 0') wrong.push(`the ${name} that ${build.commit} replaced ended with ${how}`)
      await between()
    }
    return wrong
  }

  async close(): Promise<void> {
    await Promise.all([...this.#roots.values()].map((root) => root.stop()))
    for (const end of this.#ends.reverse()) await end()
  }

  #balance(): void {
    this.#address.leadTo(this.#ports())
  }

  #ports(): number[] {
    return [...this.#roots].flatMap(([name, { port }]) => (name.startsWith('starter') ? [port] : []))
  }

  async #start(name: RootName, { commit, folder }: Build): Promise<Root> {
    const [port, grpcPort] = [await freePort(), await freePort()]
    const at = `127.0.0.1:${port}`
    const root = await spawnPart({
      name: `${name} of ${commit}`,
      ...{ command: process.execPath, args: [`dist/${name.replace(/-\d$/, '')}.js`], cwd: folder, ipc: true },
      env: {
        ...this.#stack.env,
        ...{
          DATABASE_URL: inDatabase(`${this.#stack.env.DATABASE_URL}`),
          WORKFLOW_BUNDLE: join(folder, 'dist/workflow-bundle.js'),
        },
        ...{ METRICS_ADDR: at, HTTP_ADDR: at, GRPC_ADDR: `127.0.0.1:${grpcPort}` },
      },
      logFile: join(this.#stack.logsDir, `${name}-${commit}.log`),
      isHealthy: async () => (await fetch(`http://${at}/readyz`)).ok,
    })
    return { ...root, port }
  }
}

function inDatabase(url: string): string {
  return Object.assign(new URL(url), { pathname: `/${DATABASE}` }).href
}
