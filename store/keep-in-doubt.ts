import { sql } from 'kysely'
import type { OrderLine } from '../contracts/order.ts'
import { PAY_WITHIN_MS } from '../contracts/time-budget.ts'
import { appendAudit } from './audit.ts'
import { confirmOrders } from './confirm-orders.ts'
import type { Database } from './database.ts'
import { type ConfirmedOrder, isConfirmed } from './stored-order.ts'

/** An order in doubt whose stock was sold, and that goes on. */
export interface Keeping {
  orderSn: string
  /** Lines with the prices at which it is kept. */
  lines: OrderLine[]
  /** Minor units. */
  total: number
  /** Name of the person who decides so. */
  by: string
  why: string
}

/**
 * Result of keeping an order.
 * - `kept`: it is PAYING now
 * - `not-in-doubt`: nobody doubts its Sell, or not any more
 * - `user-busy`: its user has another order CREATING, which is over in a moment
 * - `other-lines`: it asks for other goods or pieces
 */
export type Kept = { kind: 'kept'; order: ConfirmedOrder } | { kind: 'not-in-doubt' | 'user-busy' | 'other-lines' }

/** SQLSTATE of a row that a unique index has already. */
const UNIQUE_VIOLATION = '23505'

class LeftAsItWas extends Error {}

/**
 * Settles an order in doubt whose stock was sold by confirming it: in one transaction it is CREATING with its stock sold, and then PAYING like any
 * other. So its user must not have another order CREATING. Whatever but `kept` is returned, nothing was changed.
 * @param payWithinMs time until its payment is due, in milliseconds
 */
export async function keepInDoubt(db: Database, keeping: Keeping, payWithinMs = PAY_WITHIN_MS): Promise<Kept> {
  const { orderSn, lines, total, by, why } = keeping
  try {
    return await db.transaction().execute(async (trx): Promise<Kept> => {
      // Cart rows are locked before orders, see openOrders.
      await sql`
        select 1 from cart_items where user_id = (select user_id from orders where order_sn = ${orderSn})
        order by user_id, goods_id for update`.execute(trx)
      const settled = await trx
        .updateTable('orders')
        .set({
          ...{ status: 'CREATING', stock_state: 'sold', sent_at: null, updated_at: sql`now()` },
          ...{ refusal_type: null, refusal_code: null, refusal_message: null, refusal_details: null },
        })
        .where('order_sn', '=', orderSn)
        .where('status', '=', 'IN_DOUBT')
        .executeTakeFirst()
      if (settled.numUpdatedRows === 0n) return { kind: 'not-in-doubt' }
      const [order] = await confirmOrders(trx, [{ orderSn, lines, total }], payWithinMs)
      if (!order || !isConfirmed(order)) throw new LeftAsItWas()
      const before = { status: 'IN_DOUBT', stockState: 'in_doubt' } as const
      await appendAudit(trx, [{ orderSn, verb: 'resolve', by, why: `sold, and kept: ${why}`, before, after: order }])
      return { kind: 'kept', order }
    })
  } catch (error) {
    if (error instanceof LeftAsItWas) return { kind: 'other-lines' }
    if ((error as { code?: unknown }).code === UNIQUE_VIOLATION) return { kind: 'user-busy' }
    throw error
  }
}
