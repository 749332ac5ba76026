import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { microsOf, momentOf } from '../micros.ts'
import { paymentOf, readPayment, type StoredPayment } from './payments.ts'

/** Place of a payment in the list of refunds: microseconds since 1970 at which it was received, its provider and its id there. */
export type RefundPlace = readonly [receivedAtMicros: string, provider: string, paymentId: string]

/** One page of the payments that are to be given back. */
export interface RefundsOwed {
  payments: StoredPayment[]
  /** Place of the last of them; absent if there are no more. */
  next?: RefundPlace
}

/**
 * Lists the payments that are to be given back, the longest owed first. A payment keeps its place.
 * @param after the place behind which to go on @default the beginning
 */
export async function refundsOwed(
  db: Database,
  { after, limit }: { after?: RefundPlace | undefined; limit: number },
): Promise<RefundsOwed> {
  const behind = after
    ? sql<boolean>`(received_at, provider, payment_id) > (${momentOf(after[0])}, ${after[1]}, ${after[2]})`
    : sql<boolean>`true`
  const rows = await db
    .selectFrom('payments')
    .selectAll()
    .select(microsOf(sql`received_at`).as('micros'))
    .where('refund', '=', 'owed')
    .where(behind)
    .orderBy('received_at')
    .orderBy('provider')
    .orderBy('payment_id')
    .limit(limit + 1)
    .execute()
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    payments: shown.map(paymentOf),
    ...(last && rows.length > limit && { next: [last.micros, last.provider, last.payment_id] }),
  }
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
