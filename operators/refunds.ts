import { moneyText } from '../contracts/money-text.ts'
import { body, list, type TypeOf } from '../contracts/schema.ts'
import type { StoredPayment } from '../store/life/payments.ts'
import type { RefundPlace } from '../store/life/refunds.ts'
import { cursor, MICROS, STORED_TEXT } from './cursor.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { ORDER_PAYMENT } from './order-payment.ts'
import { type AskedPage, NEXT, nextOf, pageOf, pageText } from './page.ts'
import { Refused } from './refused.ts'
import { textTable } from './text-table.ts'

/** A place in the list of refunds. */
export const REFUND_CURSOR = cursor<RefundPlace>(MICROS, STORED_TEXT, STORED_TEXT)

/** One page of the payments that owe a refund. */
export const OWED_REFUNDS = body('OwedRefunds', {
  payments: list(ORDER_PAYMENT, { description: 'The longest owed first.' }),
  next: NEXT,
})
type ListedRefunds = TypeOf<typeof OWED_REFUNDS>

/** Lists the payments that owe a refund, the longest owed first. */
export async function listRefunds({ orders }: Pick<OperatorDeps, 'orders'>, asked: AskedPage = {}): Promise<ListedRefunds> {
  const page = await orders.refundsOwed(pageOf(REFUND_CURSOR, asked))
  return { payments: page.payments, ...nextOf(page) }
}

export function refundsText({ payments, next }: ListedRefunds): string {
  if (payments.length === 0) return 'no payment owes a refund'
  const table = textTable<StoredPayment>(
    [
      { head: 'payment', of: nameOf },
      { head: 'order', of: ({ orderSn }) => orderSn },
      { head: 'amount', right: true, of: ({ amount }) => moneyText(amount) },
      { head: 'why', of: ({ outcome }) => outcome },
      { head: 'received', of: ({ receivedAt }) => receivedAt },
      { head: 'next', of: (payment) => `refund it at ${payment.provider}, then: refunded ${nameOf(payment)}` },
    ],
    payments,
  )
  return pageText(table, next)
}

/**
 * Records a person's word that a payment was given back.
 * @param name `provider/paymentId`, as the list shows it
 * @throws Refused if no such payment was reported, or if it owes nothing
 */
export async function markRefunded({ orders }: Pick<OperatorDeps, 'orders'>, name: string, operator: Operator): Promise<string> {
  const at = name.indexOf('/')
  const [provider, paymentId] = [name.slice(0, at), name.slice(at + 1)]
  const refunded = at > 0 ? await orders.markRefunded({ provider, paymentId, ...operator }) : { kind: 'absent' as const }
  switch (refunded.kind) {
    case 'absent':
      throw new Refused(`no payment ${name} was reported: name it as provider/paymentId; refunds lists what is owed`)
    case 'refused':
      throw new Refused(`payment ${name} was accepted, and pays order ${refunded.payment.orderSn}: it owes no refund`)
    case 'stood':
      return `payment ${name} was recorded as given back at ${refunded.payment.refundedAt}`
    case 'moved':
      return `payment ${name} of order ${refunded.payment.orderSn} is recorded as given back`
  }
}

/** The name of a payment in lists and on the command line. */
function nameOf({ provider, paymentId }: Pick<StoredPayment, 'provider' | 'paymentId'>): string {
  return `${provider}/${paymentId}`
}
