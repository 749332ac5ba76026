import type { RequestKey } from '../contracts/create-order.ts'
import { orderSnOf } from '../contracts/order-sn.ts'
import type { OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'

/**
 * Finds the order that a user placed under a key. Neither its run nor a search attribute holds the key: its number is derived from it.
 * @returns its number
 * @throws Refused if the store has no such order
 */
export async function findOrder({ orders }: Pick<OperatorDeps, 'orders'>, key: RequestKey): Promise<string> {
  const orderSn = orderSnOf(key)
  if (await orders.getOrder(orderSn)) return orderSn
  throw new Refused(`the store has no order of user ${key.userId} under this key; a run of it would be at OrderSn = '${orderSn}'`)
}
