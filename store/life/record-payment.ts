import { type Selectable, sql } from 'kysely'
import type { PaymentRequest } from '../../contracts/payment.ts'
import type { Database } from '../database.ts'
import { afterRaces } from '../failures.ts'
import type { PaymentsTable } from '../schema.ts'
import { paymentOf, readPayment, type StoredPayment } from './payments.ts'

/**
 * Result of the report of a payment.
 * - `recorded`: by this call or an earlier one; the payment records what it came to
 * - `other`: the provider's number was reported before, of another payment; nothing was changed
 * - `unsettled`: the order is CREATING or IN_DOUBT; nothing was recorded
 * - `absent`: there is no such order; nothing was recorded
 */
export type RecordedPayment =
  | { kind: 'recorded'; payment: StoredPayment; isNew: boolean }
  | { kind: 'other'; payment: StoredPayment }
  | { kind: 'unsettled' }
  | { kind: 'absent' }

/**
 * Records a payment and judges it by the order's status, in one statement: the first payment of the right amount makes an order that
 * waits TRADE_SUCCESS; whatever else arrives owes a refund. The clock is not asked: an order that is late and not closed is paid.
 */
export async function recordPayment(db: Database, orderSn: string, request: PaymentRequest): Promise<RecordedPayment> {
  for (;;) {
    const recorded = await afterRaces(() => judge(db, orderSn, request))
    if (recorded) return { kind: 'recorded', payment: paymentOf(recorded), isNew: true }
    const known = await readPayment(db, request.provider, request.paymentId)
    if (known)
      return isSame(known, orderSn, request)
        ? { kind: 'recorded', payment: known, isNew: false }
        : { kind: 'other', payment: known }
    const order = await db.selectFrom('orders').select('status').where('order_sn', '=', orderSn).executeTakeFirst()
    if (!order) return { kind: 'absent' }
    if (order.status === 'CREATING' || order.status === 'IN_DOUBT') return { kind: 'unsettled' }
    // It was settled between our two looks, or the same report came twice at once: the next round knows.
  }
}

async function judge(
  db: Database,
  orderSn: string,
  { provider, paymentId, amount: { amount, currency }, paidAt }: PaymentRequest,
): Promise<Selectable<PaymentsTable> | undefined> {
  const { rows } = await sql<Selectable<PaymentsTable>>`
    with locked as materialized (
      select o.* from orders o where o.order_sn = ${orderSn} for update
    ),
    judged as (
      select order_sn, status, stock_state, case
        when status = 'TRADE_CLOSED' then 'late'
        when status in ('TRADE_SUCCESS', 'TRADE_FINISHED') then 'duplicate'
        when total = ${amount}::bigint and currency = ${currency}::text then 'accepted'
        else 'mismatch' end as outcome
      from locked where status not in ('CREATING', 'IN_DOUBT')
    ),
    recorded as (
      insert into payments (provider, payment_id, order_sn, amount, currency, paid_at, outcome, refund)
      select ${provider}::text, ${paymentId}::text, order_sn, ${amount}::bigint, ${currency}::text, ${paidAt}::timestamptz, outcome,
        case outcome when 'accepted' then 'none' else 'owed' end
      from judged on conflict (provider, payment_id) do nothing returning *
    ),
    paid as (
      update orders o set status = 'TRADE_SUCCESS', updated_at = now()
      from recorded r where o.order_sn = r.order_sn and r.outcome = 'accepted' returning o.order_sn
    ),
    told as (
      insert into order_audit (order_sn, verb, by, why, before, after)
      select j.order_sn, 'pay', ${provider}::text, r.outcome || ': payment ' || r.payment_id,
        jsonb_build_object('status', j.status, 'stockState', j.stock_state),
        jsonb_build_object('status', case r.outcome when 'accepted' then 'TRADE_SUCCESS' else j.status end, 'stockState', j.stock_state)
      from judged j join recorded r using (order_sn)
    )
    select * from recorded`.execute(db)
  return rows[0]
}

/** Compares by what names a payment, and not by its moment: a gateway may round that when it repeats itself. */
function isSame(known: StoredPayment, orderSn: string, { amount: { amount, currency } }: PaymentRequest): boolean {
  return known.orderSn === orderSn && known.amount.amount === amount && known.amount.currency === currency
}
