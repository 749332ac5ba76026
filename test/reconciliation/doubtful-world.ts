import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import { type Line, mergeLines } from '../../contracts/order.ts'
import { DOUBT_RIPE_AFTER_MS } from '../../contracts/time-budget.ts'
import type { Database } from '../../store/database.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { reconciliationStore } from '../../store/reconciliation-store.ts'
import type { StockEffect } from '../../store/unkeyed-stock.ts'
import { recordAnswer } from '../support/record-answer.ts'

const WHY = failure('OrderTimedOut', 'for a test')
/** Pieces of each goods at the start. */
export const STOCK = 1_000

/** Places at which an order can be with its run. */
type Place = 'new' | 'open' | 'selling' | 'sold' | 'standing' | 'returning' | 'givingBack' | 'doubt' | 'done'

export interface Actor {
  orderSn: string
  lines: Line[]
  at: Place
  /** The truth: the inventory counts its pieces as sold. */
  isHeld: boolean
  /** Call that was sent, and that the inventory may still apply. */
  pending?: StockEffect
  /** True if nothing can come of its call any more, and its row says so. */
  isRipe?: boolean
}

/**
 * Orders in a real store beside an inventory without keys that is a map: each step brings one order on as a run, a fault or time would. Whatever
 * is sent may be applied at once, later or never, answered or not.
 */
export class DoubtfulWorld {
  readonly orders: Actor[]
  readonly stock = new Map<number, number>()
  readonly #db: Database
  readonly #store: OrderStore
  static #made = 0

  private constructor(db: Database, wanted: readonly (readonly Line[])[]) {
    this.#db = db
    this.#store = orderStore(db)
    const world = ++DoubtfulWorld.#made
    this.orders = wanted.map((lines, i) => ({
      orderSn: `W${world}O${i}`,
      // Goods of its own in each world.
      lines: mergeLines(lines.map(({ goodsId, num }) => ({ goodsId: 10 * world + goodsId, num }))),
      at: 'new',
      isHeld: false,
    }))
  }

  /** @param wanted lines of each order; goods ids from 0 to 9 */
  static async open(db: Database, wanted: readonly (readonly Line[])[]): Promise<DoubtfulWorld> {
    const world = new DoubtfulWorld(db, wanted)
    for (const { goodsId } of world.orders.flatMap(({ lines }) => lines)) world.stock.set(goodsId, STOCK)
    await reconciliationStore(db).putBaselines([...world.stock.keys()].map((goodsId) => ({ goodsId, pieces: STOCK })))
    return world
  }

  /** Brings one order on, whichever the number says, in the way that it says. */
  async step(number: number): Promise<void> {
    const order = this.orders[number % this.orders.length]
    if (order) await this.#bringOn(order, Math.floor(number / this.orders.length))
  }

  /** Whatever is under way comes to its end, or into doubt; each doubt is ripe then. */
  async comeToRest(): Promise<void> {
    for (const order of this.orders) {
      while (order.at !== 'new' && order.at !== 'standing' && order.at !== 'done' && !order.isRipe) await this.#bringOn(order, 2)
    }
  }

  async #bringOn(order: Actor, way: number): Promise<void> {
    const { orderSn, lines } = order
    switch (order.at) {
      case 'new': {
        const user = Number(/\d+$/.exec(orderSn)?.[0]) + 100 * DoubtfulWorld.#made
        const intent = { orderSn, userId: user, requestId: orderSn, fingerprint: 'f', workflowId: 'w', keyed: false, lines }
        await this.#store.openOrders([{ ...intent, address: '1 Test Street', name: 'Somebody', mobile: '0100' }])
        order.at = 'open'
        return
      }
      case 'open': {
        if (way % 7 === 6) return await this.#void(order, 'done')
        await this.#store.markSent(orderSn, 'Sell')
        Object.assign(order, { at: 'selling', pending: 'Sell' })
        return
      }
      case 'selling':
        return await this.#answer(order, way, 'Sell', { applied: 'sold', notApplied: 'open' })
      case 'sold': {
        if (way % 3 === 0) return await this.#void(order, 'returning')
        const priced = lines.map((line) => ({ ...line, name: 'Goods', image: '', price: { amount: 100, currency: 'CNY' } }))
        await this.#store.confirmOrders([{ orderSn, total: 100, lines: priced }])
        order.at = 'standing'
        return
      }
      case 'standing': {
        if (way % 3 === 0) return
        await this.#store.closeOrder({ orderSn, by: 'a test', why: 'x' }, 'cancelled')
        order.at = 'returning'
        return
      }
      case 'returning': {
        await this.#store.markSent(orderSn, 'Reback')
        Object.assign(order, { at: 'givingBack', pending: 'Reback' })
        return
      }
      case 'givingBack':
        return await this.#answer(order, way, 'Reback', { applied: 'done', notApplied: 'returning' })
      case 'doubt': {
        if (!order.pending) return await this.#ripen(order)
        if (way % 3 === 0) this.#apply(order)
        if (way % 3 === 2) delete order.pending
        return
      }
      case 'done':
    }
  }

  async #answer(order: Actor, way: number, effect: StockEffect, to: Record<'applied' | 'notApplied', Place>): Promise<void> {
    const { orderSn } = order
    switch (way % 5) {
      case 0:
        if (order.pending) this.#apply(order)
        return
      case 1:
        if (!order.pending) return
        delete order.pending
        await recordAnswer(this.#store, orderSn, effect, false)
        order.at = to.notApplied
        return
      case 2: // Its worker dies, or its answer is lost.
        if (effect === 'Sell') return await this.#void(order, 'doubt')
        await this.#store.doubtReback(orderSn)
        order.at = 'doubt'
        return
      default:
        if (order.pending) this.#apply(order)
        await recordAnswer(this.#store, orderSn, effect, true)
        order.at = to.applied
    }
  }

  async #void(order: Actor, at: Place): Promise<void> {
    await this.#store.voidOrders([{ orderSn: order.orderSn, refusal: WHY }])
    order.at = at
  }

  #apply(order: Actor): void {
    const sign = order.pending === 'Sell' ? -1 : 1
    for (const { goodsId, num } of order.lines) this.stock.set(goodsId, (this.stock.get(goodsId) ?? 0) + sign * num)
    order.isHeld = order.pending === 'Sell'
    delete order.pending
  }

  async #ripen(order: Actor): Promise<void> {
    if (order.isRipe) return
    await this.#db
      .updateTable('orders')
      .set({ updated_at: sql`now() - make_interval(secs => ${(2 * DOUBT_RIPE_AFTER_MS) / 1_000})` })
      .where('order_sn', '=', order.orderSn)
      .execute()
    order.isRipe = true
  }
}

/** Brings one order on, by each of these ways one after the other (`#bringOn`). */
export async function bring(world: DoubtfulWorld, order: number, ways: number[]): Promise<void> {
  for (const way of ways) await world.step(order + way * world.orders.length)
}
