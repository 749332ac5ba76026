import pino from 'pino'
import { createActivities } from '../../activities/create-activities.ts'
import type { Deps } from '../../activities/deps.ts'
import { GoodsClient } from '../../clients/goods-client.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { UserClient } from '../../clients/user-client.ts'
import type { RunningService } from '../../rpc/server/serve.ts'
import { startGoods } from '../../services/goods/goods-service.ts'
import type { StockFault } from '../../services/inventory/stock-faults.ts'
import { startUnkeyedInventory } from '../../services/inventory/unkeyed-inventory.ts'
import { startUser } from '../../services/user/user-service.ts'
import type { Database } from '../../store/database.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { AMPLE_MS } from '../clients/ample.ts'
import { InventoryClient as Stock } from '../services/inventory-client.ts'
import { testDatabase } from './postgres.ts'
import { connectTestStore } from './test-store.ts'

/** Deadline of the calls while one is to stay without an answer: short, so that it costs a test little. Milliseconds. */
const MISSED_MS = 250
/** Time after which such a call takes effect, or is answered in vain: behind that deadline. Milliseconds. */
export const LATE_MS = 400
/** Faults that leave a call without an answer until its deadline. */
const SILENT: ReadonlySet<StockFault | undefined> = new Set(['replyLost', 'late'])
/** Time above what a Sell takes here, so that an order is doubted soon behind a crash. Milliseconds. */
const UNDER_WAY_MS = 900

/** A worker dies before or after a statement: to Temporal an attempt that failed, and is made again. */
export type Crash = 'before' | 'after'

/**
 * The real activities under INVENTORY_MODE=unkeyed: the real store, the reference goods and users, and the stand-in for the
 * inventory in production, over gRPC. What befalls them is taken from two queues, one for the calls that reach the
 * inventory and one for the statements; nothing if a queue is empty.
 */
export class UnkeyedShop {
  readonly db: Database
  readonly store: OrderStore
  readonly stock: Stock
  /** Sells and Rebacks that the inventory got. */
  calls = 0
  faults: (StockFault | undefined)[] = []
  crashes: (Crash | undefined)[] = []
  /** Confirming fails for good: what is sold has to go back. */
  confirmBreaks = false
  readonly #services: RunningService[]
  readonly #clients

  private constructor(db: Database, services: RunningService[]) {
    this.db = db
    this.store = orderStore(db)
    this.#services = services
    const [goods, users, inventory] = services.map(({ address }) => address) as [string, string, string]
    this.stock = new Stock(inventory)
    this.#clients = {
      goods: new GoodsClient({ target: goods, deadlineMs: AMPLE_MS }),
      inventory: new InventoryClient({ target: inventory, deadlineMs: AMPLE_MS }),
      users: new UserClient({ target: users, deadlineMs: AMPLE_MS }),
    }
  }

  static async open(): Promise<UnkeyedShop> {
    const db = await connectTestStore({ max: 20 })
    const log = pino({ level: 'silent' })
    const address = '127.0.0.1:0'
    const next = (): StockFault | undefined => {
      shop.calls++
      return shop.faults.shift()
    }
    const services: RunningService[] = await Promise.all([
      startGoods({ setting: 'GOODS_ADDR', address }, log),
      startUser({ setting: 'USER_ADDR', address }, log),
      startUnkeyedInventory({ setting: 'INVENTORY_ADDR', address }, await testDatabase(), log, {
        nextFault: next,
        locks: { patienceMs: 50, expiryMs: 300 },
        lateMs: LATE_MS,
      }),
    ])
    const shop: UnkeyedShop = new UnkeyedShop(db, services)
    return shop
  }

  activities() {
    const { store } = this
    // A statement that only failed may be made again by the same attempt; a defect ends it, as a death does.
    const crashing = <Args extends unknown[], Result>(
      statement: (...args: Args) => Promise<Result>,
      Death: ErrorConstructor = Error,
    ) => {
      return async (...args: Args): Promise<Result> => {
        const crash = this.crashes.shift()
        if (crash === 'before') throw new Error('the worker died')
        const result = await statement(...args)
        if (crash === 'after') throw new Death('the worker died')
        return result
      }
    }
    // Its workers hand over by the client of their server (workflow-runs.ts).
    const {
      handOverOrders: _,
      startSettling: __,
      ...activities
    } = createActivities({
      ...this.#clients,
      inventory: this.#inventory(),
      orders: {
        ...store,
        confirmOrders: crashing(async (confirmations) => {
          if (this.confirmBreaks) throw new TypeError('a defect')
          return await store.confirmOrders(confirmations)
        }),
        voidOrders: crashing(store.voidOrders),
      },
      unkeyed: {
        markSent: crashing(store.markSent, TypeError),
        markAllSent: crashing(store.markAllSent, TypeError),
        recordAnswers: crashing(store.recordAnswers),
        noteEvidence: crashing(store.noteEvidence),
        doubtReback: crashing(store.doubtReback),
      },
      underWayMs: UNDER_WAY_MS,
      currency: 'CNY',
      attendanceOf: async () => ({ kind: 'abandoned' }),
      answerGiven: async () => undefined,
      startOwnRun: async () => {},
      startSettling: async () => {},
      sweepAfterMs: 0,
    })
    return activities
  }

  /** The inventory as the activities call it: an answer that is to come is waited for, however slow the machine is. */
  #inventory(): Deps['inventory'] {
    const { inventory } = this.#clients
    const within = (atMostMs = AMPLE_MS) =>
      this.faults.some((fault) => SILENT.has(fault)) ? Math.min(atMostMs, MISSED_MS) : atMostMs
    return {
      sell: (orderSn, lines, atMostMs) => inventory.sell(orderSn, lines, within(atMostMs)),
      reback: (orderSn, lines, atMostMs) => inventory.reback(orderSn, lines, within(atMostMs)),
      sellUnkeyed: (lines, atMostMs) => inventory.sellUnkeyed(lines, within(atMostMs)),
      rebackUnkeyed: (lines, atMostMs) => inventory.rebackUnkeyed(lines, within(atMostMs)),
      getStock: (goodsId, atMostMs) => inventory.getStock(goodsId, within(atMostMs)),
    }
  }

  async stop(): Promise<void> {
    await this.stock.stop()
    for (const client of Object.values(this.#clients)) client.close()
    for (const service of this.#services) await service.stop()
    await this.db.destroy()
  }
}
