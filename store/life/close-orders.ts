import { sql } from 'kysely'
import { type ClosedFor, UNPAID_STATUSES } from '../../contracts/order.ts'
import type { Database } from '../database.ts'
import { classOf } from '../failures.ts'
import { type Move, type Moved, moveOrder, moveOrders } from './move-orders.ts'
import { type Spared, sparing } from './sparing.ts'

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
  return await close(db, sql`${due(graceMs)} order by pay_deadline limit ${atMost}`)
}

/** The same, unless an order makes the statement fail: that one is left out, and which of the others come first is left to chance. */
export async function closeDueSparing(db: Database, graceMs: number, atMost: number): Promise<Spared> {
  try {
    return { done: await closeDueOrders(db, graceMs, atMost), failed: [] }
  } catch (error) {
    if (classOf(error) === 'away') throw error
    const { rows } = await sql<{ order_sn: string }>`
      select order_sn from orders where ${due(graceMs)} order by random() limit ${atMost}`.execute(db)
    return await sparing(
      rows.map(({ order_sn }) => order_sn),
      (some) => close(db, sql`${due(graceMs)} and order_sn = any(${some}::text[])`),
    )
  }
}

function due(graceMs: number) {
  return sql`status in ('PAYING', 'WAIT_BUYER_PAY') and pay_deadline < now() - make_interval(secs => ${graceMs / 1_000})`
}

async function close(db: Database, which: ReturnType<typeof sql>): Promise<string[]> {
  const why = 'expired: nobody had paid it in time'
  return await moveOrders(db, { verb: 'close', by: 'deadline', why, which, set: closing('expired'), skipsLocked: true })
}

function closing(reason: CloseReason) {
  return sql`status = 'TRADE_CLOSED', closed_for = ${reason}::text, stock_state = 'returning', updated_at = now()`
}
