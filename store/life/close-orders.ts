import { sql } from 'kysely'
import { type ClosedFor, UNPAID_STATUSES } from '../../contracts/order.ts'
import type { Database } from '../database.ts'
import { type Move, type Moved, moveOrder, moveOrders } from './move-orders.ts'

/** Reasons for which an order is closed after it was confirmed. */
export type CloseReason = Exclude<ClosedFor, 'refused'>

/** Closes an order that nobody has paid. From then on it owes what it holds: whoever undoes it gives that back. */
export async function closeOrder(db: Database, move: Move, reason: CloseReason): Promise<Moved> {
  return await moveOrder(
    db,
    { ...move, why: `${reason}: ${move.why}` },
    UNPAID_STATUSES,
    { verb: 'close', set: closing(reason) },
    ({ status, closedFor }) => status === 'TRADE_CLOSED' && closedFor !== 'refused',
  )
}

/**
 * Closes orders whose deadline and grace are over, the longest overdue first. Any number of callers at once: each takes others.
 * @param graceMs time after the deadline, in milliseconds, for payments that are reported late
 * @returns the numbers of those that this call closed, at most `atMost`
 */
export async function closeDueOrders(db: Database, graceMs: number, atMost: number): Promise<string[]> {
  return await moveOrders(db, {
    verb: 'close',
    by: 'deadline',
    why: 'expired: nobody had paid it in time',
    which: sql`status in ('PAYING', 'WAIT_BUYER_PAY') and pay_deadline < now() - make_interval(secs => ${graceMs / 1_000})
      order by pay_deadline limit ${atMost}`,
    set: closing('expired'),
    skipsLocked: true,
  })
}

function closing(reason: CloseReason) {
  return sql`status = 'TRADE_CLOSED', closed_for = ${reason}::text, stock_state = 'returning', updated_at = now()`
}
