import { sql } from 'kysely'
import type { SoughtOrder } from '../contracts/attendance.ts'
import type { ParticipantName } from '../contracts/participants/list.ts'
import { type Confirmation, type ConfirmedHere, confirmOrders } from './confirm-orders.ts'
import type { Database } from './database.ts'
import { type InCompensation, inCompensation } from './in-compensation.ts'
import { type OpenedOrder, type OpenIntent, openOrders } from './open-orders.ts'
import { readOrders } from './order-rows.ts'
import { proveWritable } from './prove-writable.ts'
import { recordedOrders } from './recorded-orders.ts'
import { readStockClaims, type StockClaim } from './stock-claims.ts'
import type { StoredOrder } from './stored-order.ts'
import { doubtReback, markSent, noteEvidence, recordAnswer, type SendPermit, type StockEffect } from './unkeyed-stock.ts'
import { type VoidedOrder, type VoidIntent, voidOrders } from './void-orders.ts'

/** The orders. Every transition is one conditional statement: of two rivals exactly one wins. Arrays lock in order-number order. */
export class OrderStore {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  /** @throws the database's error, unless orders can be written */
  async proveWritable(): Promise<void> {
    await proveWritable(this.#db)
  }

  /** Returns the numbers among these that have a row. */
  async recorded(orderSns: readonly string[]): Promise<string[]> {
    return await recordedOrders(this.#db, orderSns)
  }

  async getOrder(orderSn: string): Promise<StoredOrder | undefined> {
    return (await this.getOrders([orderSn])).get(orderSn)
  }

  /** @returns those that there are, by number */
  async getOrders(orderSns: readonly string[]): Promise<Map<string, StoredOrder>> {
    const stored = await readOrders(this.#db, orderSns)
    return new Map([...stored].map(([orderSn, { order }]) => [orderSn, order]))
  }

  async openOrders(intents: readonly OpenIntent[]): Promise<OpenedOrder[]> {
    return await openOrders(this.#db, intents)
  }

  async confirmOrders(confirmations: readonly Confirmation[], payWithinMs?: number): Promise<ConfirmedHere[]> {
    return await confirmOrders(this.#db, confirmations, payWithinMs)
  }

  async voidOrders(intents: readonly VoidIntent[]): Promise<VoidedOrder[]> {
    return await voidOrders(this.#db, intents)
  }

  /**
   * Returns what the rows of these orders ask for before their stock is sold or given back; an order without a row has no entry.
   */
  async stockClaims(orderSns: readonly string[]): Promise<Map<string, StockClaim>> {
    return await readStockClaims(this.#db, orderSns)
  }

  /**
   * Records that a participant acknowledged by their numbers the undo of closed orders; what they owe to others stays owed.
   * @returns the numbers of those that owed it until now
   */
  async markReturned(orderSns: readonly string[], participant: ParticipantName = 'inventory'): Promise<string[]> {
    const isStock = participant === 'inventory'
    const { rows } = await sql<{ order_sn: string }>`
      with owing as materialized (
        select order_sn from orders
        where order_sn = any(${orderSns}::text[]) and ${participant}::text = any(owed) and (keyed or not ${isStock}::boolean)
        order by order_sn for update
      )
      update orders o set
        stock_state = case when ${isStock}::boolean then 'returned' else o.stock_state end, held = o.held - ${participant}::text,
        updated_at = now()
      from owing where o.order_sn = owing.order_sn returning o.order_sn`.execute(this.#db)
    return rows.map(({ order_sn }) => order_sn)
  }

  async inCompensation(): Promise<InCompensation> {
    return await inCompensation(this.#db)
  }

  /** Unkeyed orders: whether an effect may be sent; if so, the row says from now on that it was. */
  async markSent(orderSn: string, effect: StockEffect): Promise<SendPermit> {
    return await markSent(this.#db, orderSn, effect)
  }

  /** Unkeyed orders: what the answer to an effect proved. @returns false if the order was put in doubt meanwhile */
  async recordAnswer(orderSn: string, effect: StockEffect, wasApplied: boolean): Promise<boolean> {
    return await recordAnswer(this.#db, orderSn, effect, wasApplied)
  }

  /** Unkeyed orders: what is known of an effect whose outcome is not, for the audit trail. */
  async noteEvidence(orderSn: string, effect: StockEffect, why: string): Promise<void> {
    await noteEvidence(this.#db, orderSn, effect, why)
  }

  /** Unkeyed orders: puts a closed one in doubt whose Reback was sent and not answered. */
  async doubtReback(orderSn: string): Promise<void> {
    await doubtReback(this.#db, orderSn)
  }

  /**
   * Counts the orders that have been CREATING, or owed something, for longer than that.
   * @param atMost counts no further
   */
  async countUnsettled(olderThanMs: number, atMost: number): Promise<number> {
    const late = this.#unsettled(olderThanMs).select(sql`1`.as('one')).limit(atMost)
    const { late: count } = await this.#db
      .selectFrom(late.as('late'))
      .select(({ fn }) => fn.countAll<number>().as('late'))
      .executeTakeFirstOrThrow()
    return count
  }

  /**
   * Orders that have been CREATING, or owed something, for longer than any run of theirs may take. Those CREATING first, since they
   * lock their users; otherwise in any order, or as many as nothing can settle would hold up all others for ever.
   */
  async findUnsettled(olderThanMs: number, limit: number): Promise<SoughtOrder[]> {
    return await this.#unsettled(olderThanMs)
      .select(['order_sn as orderSn', 'user_id as userId', 'request_id as requestId', 'workflow_id as workflowId'])
      .select((the) => the('confirmed_at', 'is not', null).$castTo<boolean>().as('wasConfirmed'))
      .orderBy(sql`status <> 'CREATING', random()`)
      .limit(limit)
      .execute()
  }

  /** Reads from the index of unsettled orders, which is as small as they are few. */
  #unsettled(olderThanMs: number) {
    return this.#db
      .selectFrom('orders')
      .where(sql<boolean>`(status = 'CREATING' or owed <> '{}')`)
      .where('updated_at', '<', sql<Date>`now() - make_interval(secs => ${olderThanMs / 1000})`)
  }
}
