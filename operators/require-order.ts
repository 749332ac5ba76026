import { isOrderSn } from '../contracts/order.ts'
import type { StoredOrder } from '../store/stored-order.ts'
import type { OperatorParts } from './operator-parts.ts'
import { Refused } from './refused.ts'

/** @throws Refused where the store has no such order */
export async function requireOrder({ orders }: Pick<OperatorParts, 'orders'>, orderSn: string): Promise<StoredOrder> {
  const order = isOrderSn(orderSn) ? await orders.getOrder(orderSn) : undefined
  if (!order) throw new Refused(`the store has no order ${orderSn}: check the number (16 letters A-Z and digits 2-7)`)
  return order
}

/** Where an order stands, as messages say it. */
export function standing({ status, stockState }: Pick<StoredOrder, 'status' | 'stockState'>): string {
  return `${status}, stock ${stockState}`
}
