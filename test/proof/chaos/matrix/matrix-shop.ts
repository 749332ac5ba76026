import pino from 'pino'
import { ensureDatabase } from '../../../../dev/ensure-database.ts'
import { startInventory } from '../../../../services/inventory/inventory-service.ts'
import { startUnkeyedInventory } from '../../../../services/inventory/unkeyed-inventory.ts'
import { type CartStore, cartStore } from '../../../../store/cart-store.ts'
import type { Database } from '../../../../store/database.ts'
import { migrate } from '../../../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../../../store/order-store.ts'
import { InventoryClient } from '../../../services/inventory-client.ts'
import type { TestStack } from '../../../support/stack.ts'
import { connectPatiently } from '../../../support/test-store.ts'
import { GrpcProxy } from '../proxies/grpc-proxy.ts'
import { TcpProxy } from '../proxies/tcp-proxy.ts'
import type { Cell } from './cells.ts'
import { Injection } from './injection.ts'
import { RestartedRoot } from './restarted-root.ts'
import {
  hasOwnInventory,
  inventoryOf,
  isExpress,
  isHosted,
  isUnkeyed,
  type Lane,
  type OrderMarks,
  type Party,
  stepOf,
} from './steps.ts'

/** One lane: its own task queue, worker and starter, which may be one process, and the parts behind them. */
export interface LaneShop {
  taskQueue: string
  worker: RestartedRoot
  starter: RestartedRoot
  db: Database
  store: OrderStore
  cart: CartStore
  /** The inventory itself; like the store it is asked past the proxies. */
  stock: InventoryClient
}

/** Stores of a lane: its orders, its stock, and the way to them. */
interface Behind {
  /** Address of the database itself. */
  directUrl: string
  databaseUrl: string
  goodsTarget: string
  inventoryTarget: string
  stock: InventoryClient
}

/**
 * The test stack with a proxy at every edge of worker and starter; the parts themselves are real and know nothing of it.
 * Faults are armed for one order each, so that many orders can be under way at once.
 */
export class MatrixShop {
  readonly stack: TestStack
  readonly lanes = new Map<Lane, LaneShop>()
  readonly #armed = new Set<Injection>()
  readonly #endings: (() => Promise<void> | void)[] = []

  private constructor(stack: TestStack) {
    this.stack = stack
  }

  static async open(stack: TestStack, lanes: ReadonlySet<Lane>): Promise<MatrixShop> {
    const shop = new MatrixShop(stack)
    try {
      await shop.#open(lanes)
    } catch (error) {
      await shop.close()
      throw error
    }
    return shop
  }

  /** Makes the fault of this cell befall that order from now on. */
  arm(cell: Cell, order: OrderMarks): Injection {
    const { worker, starter } = this.lane(cell.lane)
    const injection = new Injection(cell, order, () => (stepOf(cell.step).sender === 'starter' ? starter : worker).kill())
    this.#armed.add(injection)
    return injection
  }

  disarm(injection: Injection): void {
    this.#armed.delete(injection)
  }

  /** @throws Error if the lane was not opened */
  lane(lane: Lane): LaneShop {
    const open = this.lanes.get(lane)
    if (!open) throw new Error(`lane ${lane} was not opened`)
    return open
  }

  /** Callers before what they call. */
  async close(): Promise<void> {
    const roots = new Set([...this.lanes.values()].flatMap(({ worker, starter }) => [worker, starter]))
    await Promise.all([...roots].map((root) => root.stop()))
    for (const end of this.#endings.reverse()) await end()
  }

  async #open(lanes: ReadonlySet<Lane>): Promise<void> {
    const { ports, temporal } = this.stack
    const [temporalProxy, user] = await Promise.all([
      this.#proxy('Temporal', temporal.address),
      this.#proxy('User', `127.0.0.1:${ports.user}`),
    ])
    const common = {
      TEMPORAL_ADDRESS: temporalProxy.address,
      USER_TARGET: user.address,
      // Each order a batch of its own: what befalls one is not to befall its neighbours.
      INTAKE_MAX_IN_FLIGHT: '1000',
      // The faults of many orders together are no outage.
      BREAKER_FAILURES: '999999',
      GRPC_HEALTH_EVERY_MS: '0',
    }
    const shared = this.#shared()
    await Promise.all(
      [...lanes].map(async (lane) => {
        const behind = await (hasOwnInventory(lane) ? this.#behindOwn(lane) : shared)
        const { directUrl, databaseUrl, goodsTarget, inventoryTarget, stock } = behind
        const taskQueue = `matrix-${lane}`
        const settings = {
          ...common,
          DATABASE_URL: databaseUrl,
          GOODS_TARGET: goodsTarget,
          INVENTORY_TARGET: inventoryTarget,
          TASK_QUEUE: taskQueue,
          INTAKE: isExpress(lane) ? 'lane' : 'single',
          STARTER_WORKER: String(isHosted(lane)),
          INVENTORY_MODE: isUnkeyed(lane) ? 'unkeyed' : 'keyed',
        }
        const starting = RestartedRoot.start(this.stack, 'starter', settings)
        const hosting = isHosted(lane) ? starting : RestartedRoot.start(this.stack, 'worker', settings)
        const [worker, starter] = await Promise.all([hosting, starting])
        const db = connectPatiently(directUrl, { onError: () => {} })
        this.#endings.push(() => db.destroy())
        this.lanes.set(lane, { taskQueue, worker, starter, db, store: orderStore(db), cart: cartStore(db), stock })
      }),
    )
  }

  async #shared(): Promise<Behind> {
    const address = `127.0.0.1:${this.stack.ports.inventory}`
    return await this.#behind('shared', this.stack.databaseUrl, address)
  }

  async #behindOwn(lane: Exclude<ReturnType<typeof inventoryOf>, 'shared'>): Promise<Behind> {
    const [orders, pieces] = await Promise.all(
      [`orders_${lane}`, `inventory_${lane}`].map(async (name) => {
        const url = new URL(this.stack.databaseUrl)
        url.pathname = `/${name.replaceAll('-', '_')}`
        await ensureDatabase(url.href)
        return url.href
      }),
    )
    const db = connectPatiently(orders as string)
    await migrate(db)
    await db.destroy()
    const listen = { setting: 'INVENTORY_ADDR', address: '127.0.0.1:0' }
    const start = isUnkeyed(lane) ? startUnkeyedInventory : startInventory
    const service = await start(listen, pieces as string, pino({ level: 'silent' }))
    this.#endings.push(() => service.stop())
    return await this.#behind(lane, orders as string, service.address)
  }

  /** Lanes with another inventory have the same goods in orders of their own: none of these may be struck in their stead. */
  async #behind(of: ReturnType<typeof inventoryOf>, databaseUrl: string, inventory: string): Promise<Behind> {
    const isOurs = ({ lane }: Injection) => inventoryOf(lane) === of
    const [database, goodsProxy, inventoryProxy] = await Promise.all([
      TcpProxy.beforeUrl(databaseUrl),
      this.#proxy('Goods', `127.0.0.1:${this.stack.ports.goods}`, isOurs),
      this.#proxy('Inventory', inventory, isOurs),
    ])
    database.befall = (statement) => this.#first((injection) => injection.statement(statement))
    const stock = new InventoryClient(inventory)
    this.#endings.push(
      () => database.close(),
      () => stock.stop(),
    )
    return {
      directUrl: databaseUrl,
      databaseUrl: database.urlFor(databaseUrl),
      goodsTarget: goodsProxy.address,
      inventoryTarget: inventoryProxy.address,
      stock,
    }
  }

  /** @param meets whose messages come this way */
  async #proxy(party: Party, target: string, meets: (injection: Injection) => boolean = () => true): Promise<GrpcProxy> {
    const proxy = await GrpcProxy.before(target)
    proxy.befall = ({ path, message }) =>
      this.#first((injection) => (meets(injection) ? injection.call(party, path, message) : undefined))
    this.#endings.push(() => proxy.close())
    return proxy
  }

  #first<Fault>(ask: (injection: Injection) => Fault | undefined): Fault | undefined {
    for (const injection of this.#armed) {
      const fault = ask(injection)
      if (fault) return fault
    }
    return undefined
  }
}
