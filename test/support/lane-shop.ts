import assert from 'node:assert/strict'
import { status as grpcStatus, Metadata, type ServiceError } from '@grpc/grpc-js'
import { createActivities } from '../../activities/create-activities.ts'
import type { Deps } from '../../activities/deps.ts'
import type { Line } from '../../contracts/order.ts'
import { ErrorInfo } from '../../proto/generated/google/rpc/error_details.ts'
import { Status } from '../../proto/generated/google/rpc/status.ts'
import type { Database } from '../../store/database.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { attendanceAmong } from './attendance-among.ts'
import { connectTestStore } from './test-store.ts'

/** Pieces of each goods at the start. */
export const STOCK = 1_000

/** These users do not exist; the goods service knows 1..1,000, of which 90 is off sale, and stock is short of 80. */
export const NOBODY = 9_999_999
export const OFF_SALE = 90
export const SOLD_OUT = 80
export const UNKNOWN_GOODS = 5_000

/** Runs before an effect; what it throws is the answer, and the effect does not happen. `after`: it did. */
type Fault = (orderSn: string) => void | Promise<void>

/**
 * The real activities over the real store, with services in memory that keep the real ones' rules: for tests of the lane,
 * where faults go in at the services' edge.
 */
export class LaneShop {
  readonly db: Database
  readonly store: OrderStore
  readonly ledger = new Map<string, { state: 'SOLD' | 'RETURNED'; lines: Line[] }>()
  readonly stock = new Map<number, number>()
  readonly open = new Set<string>()
  beforeSell: Fault = () => {}
  afterSell: Fault = () => {}
  beforeReback: Fault = () => {}
  beforeGoods: () => void | Promise<void> = () => {}
  beforeUser: (userId: number) => void | Promise<void> = () => {}
  onUnanswered: NonNullable<Deps['onUnanswered']> = () => {}
  onRefused: NonNullable<Deps['onRefused']> = () => {}

  private constructor(db: Database) {
    this.db = db
    this.store = orderStore(db)
    for (let goodsId = 1; goodsId <= 1_000; goodsId++) this.stock.set(goodsId, goodsId === SOLD_OUT ? 0 : STOCK)
  }

  static async open(): Promise<LaneShop> {
    const db = await connectTestStore({ max: 20 })
    return new LaneShop(db)
  }

  /** @param changes of the store, to let its statements fail */
  activities(changes: Partial<Deps['orders']> = {}) {
    const orders: Deps['orders'] = { ...this.store, ...changes }
    // Its workers hand over by the client of their server (test/support/workflow-runs.ts).
    const {
      handOverOrders: _,
      startSettling: __,
      ...activities
    } = createActivities({
      orders,
      startOwnRun: async () => {},
      startSettling: async () => {},
      currency: 'CNY',
      attendanceOf: async (order) => attendanceAmong(this.open, order),
      answerGiven: async () => undefined,
      sweepAfterMs: 0,
      onRefused: (order, workflowId) => this.onRefused(order, workflowId),
      onUnanswered: (orderSns, workflowId) => this.onUnanswered(orderSns, workflowId),
      goods: { batchGetGoods: (ids, ms) => withinDeadline(ms, this.#goods(ids)) },
      users: { getUserById: (id, ms) => withinDeadline(ms, this.#user(id)) },
      inventory: {
        sell: (orderSn, lines, ms) => withinDeadline(ms, this.#sell(orderSn, lines)),
        reback: (orderSn, lines, ms) => withinDeadline(ms, this.reback(orderSn, lines)),
        sellUnkeyed: () => assert.fail('without a number'),
        rebackUnkeyed: () => assert.fail('without a number'),
      },
    })
    return activities
  }

  /** Returns what is wrong once everything is quiet; empty is right. */
  async violations(): Promise<string[]> {
    const wrong: string[] = []
    const left = new Map([...this.stock.keys()].map((id) => [id, id === SOLD_OUT ? 0 : STOCK]))
    for (const { order_sn, status, stock_state } of await this.db.selectFrom('orders').selectAll().execute()) {
      const sale = this.ledger.get(order_sn)
      if (status === 'CREATING') wrong.push(`${order_sn} is CREATING`)
      if (stock_state === 'returning') wrong.push(`${order_sn} owes a Reback`)
      if (status === 'PAYING' && sale?.state !== 'SOLD') wrong.push(`${order_sn} is PAYING, its sale ${sale?.state}`)
      if (status === 'TRADE_CLOSED' && sale?.state === 'SOLD') wrong.push(`${order_sn} is closed and sold`)
      if (status === 'PAYING') for (const { goodsId, num } of sale?.lines ?? []) left.set(goodsId, (left.get(goodsId) ?? 0) - num)
    }
    for (const [goodsId, num] of this.stock)
      if (num !== left.get(goodsId)) wrong.push(`goods ${goodsId}: ${num} left, not ${left.get(goodsId)}`)
    return wrong
  }

  /** Sell as the inventory takes it, also when it arrives late. */
  takeStock(orderSn: string, lines: Line[]): void {
    const sale = this.ledger.get(orderSn)
    if (sale?.state === 'RETURNED') throw refusedCall(grpcStatus.FAILED_PRECONDITION, 'SALE_RETURNED')
    if (sale) return
    if (lines.some(({ goodsId, num }) => (this.stock.get(goodsId) ?? 0) < num)) {
      throw refusedCall(grpcStatus.RESOURCE_EXHAUSTED, 'INSUFFICIENT_STOCK')
    }
    for (const { goodsId, num } of lines) this.stock.set(goodsId, (this.stock.get(goodsId) ?? 0) - num)
    this.ledger.set(orderSn, { state: 'SOLD', lines })
  }

  async #sell(orderSn: string, lines: Line[]): Promise<void> {
    await this.beforeSell(orderSn)
    this.takeStock(orderSn, lines)
    await this.afterSell(orderSn)
  }

  async reback(orderSn: string, lines: Line[]): Promise<void> {
    await this.beforeReback(orderSn)
    const sale = this.ledger.get(orderSn)
    if (sale?.state === 'SOLD') {
      for (const { goodsId, num } of sale.lines) this.stock.set(goodsId, (this.stock.get(goodsId) ?? 0) + num)
    }
    this.ledger.set(orderSn, { state: 'RETURNED', lines: sale?.lines ?? lines })
  }

  async #goods(ids: number[]) {
    await this.beforeGoods()
    return ids
      .filter((id) => id <= 1_000)
      .map((id) => ({
        ...NO_GOODS,
        id,
        name: `goods ${id}`,
        goodsFrontImage: `/${id}.png`,
        shopPrice: Math.fround(1.99),
        onSale: id !== OFF_SALE,
      }))
  }

  async #user(id: number) {
    await this.beforeUser(id)
    if (id === NOBODY) throw refusedCall(grpcStatus.NOT_FOUND)
    return { id }
  }
}

/** An error as a gRPC call rejects with. */
export function refusedCall(code: grpcStatus, reason?: string): ServiceError {
  const metadata = new Metadata()
  if (reason) {
    const value = Buffer.from(ErrorInfo.encode({ reason, domain: 'inventory', metadata: {} }).finish())
    const details = [{ typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value }]
    metadata.set('grpc-status-details-bin', Buffer.from(Status.encode({ code, message: '', details }).finish()))
  }
  return Object.assign(new Error(reason ?? grpcStatus[code]), { code, details: reason ?? '', metadata })
}

/** A call whose answer comes too late goes on all the same. */
async function withinDeadline<T>(ms = 3_000, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(refusedCall(grpcStatus.DEADLINE_EXCEEDED)), ms)
  })
  return await Promise.race([call, late]).finally(() => clearTimeout(timer))
}

export const NO_GOODS = {
  goodsSn: '',
  stocks: 0,
  marketPrice: 0,
  goodsBrief: '',
  goodsDesc: '',
  images: [],
  descImages: [],
  status: 0,
  isHot: false,
  isNew: false,
  shipFree: false,
  brandId: 0,
  categoryIds: [],
}
