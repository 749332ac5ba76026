import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { archiveBatch } from '../../store/archive/archive-batch.ts'
import type { Database } from '../../store/database.ts'
import type { ImportedOrder } from '../../store/imported/imported-order.ts'
import type { OpenIntent } from '../../store/open-orders.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { confirmIn } from '../support/placed-order.ts'
import { connectPatiently, testStore } from '../support/test-store.ts'

export const DAY_MS = 86_400_000
/** Age at which the orders of these tests are archived, in milliseconds. */
export const OLD_MS = 30 * DAY_MS
export const BY = { by: 'a test', why: 'to see' }
export const GONE = failure('UserNotFound', 'nobody')

let numbers = 0

/** A store with orders in every state, under the accounts of starters and workers (`db`), of operators, and of the owner of the tables. */
export class OrdersToArchive {
  readonly db: Database
  readonly operator: Database
  readonly owner: Database
  readonly store: OrderStore

  private constructor(db: Database, operator: Database, owner: Database) {
    this.db = db
    this.operator = operator
    this.owner = owner
    this.store = orderStore(db)
  }

  static async open(): Promise<OrdersToArchive> {
    const urls = await testStore()
    return new OrdersToArchive(
      connectPatiently(urls.app, { max: 10 }),
      connectPatiently(urls.operator),
      connectPatiently(urls.owner),
    )
  }

  async close(): Promise<void> {
    await Promise.all([this.db, this.operator, this.owner].map((one) => one.destroy()))
  }

  archive(): Promise<number | undefined> {
    return archiveBatch(this.db, OLD_MS, 100)
  }

  intent(userId = ++numbers): OpenIntent {
    const recipient = { address: '1 Road', name: 'A. Buyer', mobile: '1' }
    const request = { ...recipient, userId, requestId: `archived-${userId}`, lines: [{ goodsId: 1, num: 3 }] }
    return { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'w' }
  }

  /** An order of the cart of a user, which holds three pieces. */
  async intentOfCart(): Promise<OpenIntent> {
    const { lines: _, ...intent } = this.intent()
    await sql`insert into cart_items (user_id, goods_id, num) values (${intent.userId}, 1, 3)`.execute(this.db)
    return intent as OpenIntent
  }

  async opened(): Promise<OpenIntent> {
    const intent = this.intent()
    await this.store.openOrders([intent])
    return intent
  }

  async confirmed(): Promise<OpenIntent> {
    const intent = await this.opened()
    await confirmIn(this.store, intent.orderSn)
    return intent
  }

  async finish(orderSn: string): Promise<void> {
    await this.store.recordPayment(orderSn, this.payment())
    await this.store.finishOrder({ orderSn, ...BY })
  }

  async finished(): Promise<OpenIntent> {
    const intent = await this.confirmed()
    await this.finish(intent.orderSn)
    return intent
  }

  async closed(): Promise<OpenIntent> {
    const intent = await this.confirmed()
    await this.store.closeOrder({ orderSn: intent.orderSn, ...BY }, 'cancelled')
    await this.store.markReturned([intent.orderSn])
    return intent
  }

  async refused(): Promise<OpenIntent> {
    const intent = await this.opened()
    await this.store.voidOrders([{ orderSn: intent.orderSn, refusal: GONE }])
    await this.store.markReturned([intent.orderSn])
    return intent
  }

  async hidden(): Promise<OpenIntent> {
    const intent = await this.closed()
    await this.store.deleteOrder({ orderSn: intent.orderSn, ...BY })
    return intent
  }

  imported(): ImportedOrder {
    const id = 1_000_000 + ++numbers
    const at = '2024-11-01 10:00:00.000'
    const requestId = `joyshop_order/order_info/${id}`
    const ids = {
      id,
      userId: id,
      requestId,
      orderSn: orderSnOf({ userId: id, requestId }),
      importedSn: `${id}`,
      payType: 'alipay',
    }
    const lines = [{ id, goodsId: 1, name: 'Tea', image: '', price: 100, num: 3 }]
    const person = { address: '1 Road', name: 'A. Buyer', mobile: '1', post: '' }
    const times = { createdAt: at, updatedAt: at, paidAt: at, finishedAt: at }
    return { ...ids, ...person, ...times, lines, status: 'TRADE_FINISHED', stockState: 'sold', total: 300, paymentId: `p-${id}` }
  }

  /** A payment of what an order costs here, not reported yet. */
  payment() {
    const ids = { provider: 'test', paymentId: `pay-${++numbers}` }
    return { ...ids, paidAt: '2026-11-30T00:00:00.000Z', amount: { amount: 300, currency: 'CNY' } }
  }

  /** Lets these orders be a day older than the age at which orders are archived. */
  async aged(...orderSns: string[]): Promise<void> {
    await sql`
      update orders set updated_at = now() - make_interval(secs => ${(OLD_MS + DAY_MS) / 1_000})
      where order_sn = any(${orderSns}::text[])`.execute(this.db)
  }

  /** Returns the tables that hold an order. */
  async tablesOf(orderSn: string, db = this.db): Promise<string[]> {
    const { rows } = await sql<{ name: string }>`
      select tableoid::regclass::text as name from orders where order_sn = ${orderSn}`.execute(db)
    return rows.map(({ name }) => name)
  }

  async recipientOf(orderSn: string): Promise<string | undefined> {
    return (await this.store.orderSlip({ kind: 'number', orderSn }))?.address
  }

  /** Returns the kinds of an order's events, in their order. */
  async eventsOf(orderSn: string): Promise<string[]> {
    const { rows } = await sql<{
      type: string
    }>`select type from order_events where aggregateid = ${orderSn} order by seq`.execute(this.db)
    return rows.map(({ type }) => type)
  }
}
