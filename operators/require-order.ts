import { PARTICIPANTS } from '../contracts/participants/list.ts'
import { storableText } from '../contracts/storable.ts'
import type { StoredOrder } from '../store/stored-order.ts'
import type { OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'

/** Longer than whatever stands in a row, or is typed. */
const MAX_SOUGHT_LENGTH = 10_000

/** @throws Refused if the store has no such order */
export async function requireOrder({ orders }: Pick<OperatorDeps, 'orders'>, orderSn: string): Promise<StoredOrder> {
  // Also of a number that is none: a row of that kind is to be looked at, too.
  const order = storableText(orderSn, MAX_SOUGHT_LENGTH) === orderSn ? await orders.getOrder(orderSn) : undefined
  if (!order)
    throw new Refused(`the store has no order ${orderSn}: check the number (16 letters A-Z and digits 2-7)`, { isAbsent: true })
  return order
}

/** Debts of an order in the words of messages. */
export function owedText({ owed }: Pick<StoredOrder, 'owed'>): string {
  return owed.map((name) => PARTICIPANTS.find((one) => one.name === name)?.holds ?? name).join(', ')
}

/** The state of an order in the words of messages. */
export function standing({ status, stockState }: Pick<StoredOrder, 'status' | 'stockState'>): string {
  return `${status}, stock ${stockState}`
}
