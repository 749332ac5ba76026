import { moneyText } from '../contracts/money-text.ts'
import type { StoredPayment } from '../store/life/payments.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'
import { textTable } from './text-table.ts'

/** Maximum number of refunds in one list: those that are made leave room for others. */
const LISTED = 1_000

/** Lists the payments that owe a refund, the longest owed first. */
export async function listRefunds({ orders }: Pick<OperatorDeps, 'orders'>): Promise<StoredPayment[]> {
  return await orders.refundsOwed(LISTED)
}

export function refundsText(payments: readonly StoredPayment[]): string {
  if (payments.length === 0) return 'no payment owes a refund'
  return textTable<StoredPayment>(
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
