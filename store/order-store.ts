import { sql } from 'kysely'
import type { RequestKey } from '../contracts/create-order.ts'
import { type Confirmation, confirmOrders } from './confirm-orders.ts'
import { type Database, isReachable } from './database.ts'
import { type OpenedOrder, type OpenIntent, openOrders } from './open-orders.ts'
import { readOrders } from './order-rows.ts'
import type { StoredOrder } from './stored-order.ts'
import { type VoidedOrder, type VoidIntent, voidOrders } from './void-orders.ts'

/** An order that is CREATING or owes a Reback, and the run that opened it. */
export interface Unsettled extends RequestKey {
  orderSn: string
  workflowId: string
}

/** The orders. Every transition is one conditional statement: of two rivals exactly one wins. Arrays lock in order-number order. */
export class OrderStore {
  readonly #db: Database
  readonly #currency: string

  /** @param currency ISO 4217 code of every amount here */
  constructor(db: Database, currency: string) {
    this.#db = db
    this.#currency = currency
  }

  async isReachable(): Promise<boolean> {
    return await isReachable(this.#db)
  }

  async getOrder(orderSn: string): Promise<StoredOrder | undefined> {
    return (await readOrders(this.#db, [orderSn])).get(orderSn)?.order
  }

  async openOrders(intents: readonly OpenIntent[]): Promise<OpenedOrder[]> {
    return await openOrders(this.#db, intents)
  }

  async confirmOrders(confirmations: readonly Confirmation[]): Promise<StoredOrder[]> {
    return await confirmOrders(this.#db, this.#currency, confirmations)
  }

  async voidOrders(intents: readonly VoidIntent[]): Promise<VoidedOrder[]> {
    return await voidOrders(this.#db, intents)
  }

  /** Records that the inventory acknowledged the Reback of closed orders; nothing else is touched. */
  async markReturned(orderSns: readonly string[]): Promise<void> {
    await sql`
      with owed as materialized (
        select order_sn from orders where order_sn = any(${orderSns}::text[]) and stock_state = 'returning'
        order by order_sn for update
      )
      update orders o set stock_state = 'returned', updated_at = now() from owed where o.order_sn = owed.order_sn`.execute(
      this.#db,
    )
  }

  /** Orders that have been CREATING, or owed a Reback, for longer than any run of theirs may take; the oldest first. */
  async findUnsettled(olderThanMs: number, limit: number): Promise<Unsettled[]> {
    return await this.#db
      .selectFrom('orders')
      .select(['order_sn as orderSn', 'user_id as userId', 'request_id as requestId', 'workflow_id as workflowId'])
      .where((on) => on.or([on('status', '=', 'CREATING'), on('stock_state', '=', 'returning')]))
      .where('updated_at', '<', sql<Date>`now() - make_interval(secs => ${olderThanMs / 1000})`)
      .orderBy('updated_at')
      .limit(limit)
      .execute()
  }
}
