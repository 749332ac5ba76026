import type { Selectable } from 'kysely'
import type { Payment } from '../../contracts/payment.ts'
import type { Database } from '../database.ts'
import type { PaymentsTable } from '../schema.ts'

/** A payment and the order that it was made for. */
export type StoredPayment = Payment & { orderSn: string }

/** Returns the payments of these orders, in the order in which they were reported. */
export async function paymentsOf(db: Database, orderSns: readonly string[]): Promise<StoredPayment[]> {
  if (orderSns.length === 0) return []
  const rows = await db
    .selectFrom('payments')
    .selectAll()
    .where('order_sn', 'in', orderSns)
    .orderBy('received_at')
    .orderBy('provider')
    .orderBy('payment_id')
    .execute()
  return rows.map(paymentOf)
}

/** Returns one payment; `undefined` if nobody has reported it. */
export async function readPayment(db: Database, provider: string, paymentId: string): Promise<StoredPayment | undefined> {
  const row = await db
    .selectFrom('payments')
    .selectAll()
    .where('provider', '=', provider)
    .where('payment_id', '=', paymentId)
    .executeTakeFirst()
  return row && paymentOf(row)
}

export function paymentOf(row: Selectable<PaymentsTable>): StoredPayment {
  return {
    orderSn: row.order_sn,
    provider: row.provider,
    paymentId: row.payment_id,
    amount: { amount: row.amount, currency: row.currency },
    paidAt: row.paid_at.toISOString(),
    receivedAt: row.received_at.toISOString(),
    outcome: row.outcome,
    refund: row.refund,
    ...(row.refunded_at && { refundedAt: row.refunded_at.toISOString() }),
  }
}
