import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { paymentOf, readPayment, type StoredPayment } from './payments.ts'

/** Lists the payments that are to be given back, the longest owed first; at most `limit`. */
export async function refundsOwed(db: Database, limit: number): Promise<StoredPayment[]> {
  const rows = await db
    .selectFrom('payments')
    .selectAll()
    .where('refund', '=', 'owed')
    .orderBy('received_at')
    .limit(limit)
    .execute()
  return rows.map(paymentOf)
}

/** A person's word that a payment was given back. */
export interface Refunded {
  provider: string
  paymentId: string
  by: string
  why: string
}

/**
 * Records that a payment was given back.
 * @returns the payment; `kind` is `stood` if somebody had recorded it before, `refused` if it owes nothing
 */
export async function markRefunded(
  db: Database,
  { provider, paymentId, by, why }: Refunded,
): Promise<{ kind: 'moved' | 'stood' | 'refused'; payment: StoredPayment } | { kind: 'absent' }> {
  const { rows } = await sql`
    with refunded as (
      update payments set refund = 'refunded', refunded_at = now(), refunded_by = ${by}::text, refunded_why = ${why}::text
      where provider = ${provider} and payment_id = ${paymentId} and refund = 'owed' returning order_sn, payment_id
    )
    insert into order_audit (order_sn, verb, by, why, before, after)
    select r.order_sn, 'refund', ${by}::text, 'payment ' || r.payment_id || ': ' || ${why}::text, s.state, s.state
    from refunded r, lateral (
      select coalesce((select jsonb_build_object('status', o.status, 'stockState', o.stock_state)
        from orders o where o.order_sn = r.order_sn), '{}') as state) s
    returning 1`.execute(db)
  const payment = await readPayment(db, provider, paymentId)
  if (!payment) return { kind: 'absent' }
  if (rows.length > 0) return { kind: 'moved', payment }
  return { kind: payment.refund === 'refunded' ? 'stood' : 'refused', payment }
}
