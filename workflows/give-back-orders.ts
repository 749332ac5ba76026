import { parse } from '../contracts/invalid-input.ts'
import { MAX_CLOSED_TOGETHER } from '../contracts/limits.ts'
import { ORDER_SN } from '../contracts/order.ts'
import { listOfAtMost } from '../contracts/schema.ts'
import { giveBack } from './give-back.ts'
import { refuseUnread } from './refuse-unread.ts'

const ORDER_SNS = listOfAtMost(MAX_CLOSED_TOGETHER, ORDER_SN, `must be a list of 1 to ${MAX_CLOSED_TOGETHER} order numbers`)

/**
 * Gives back what orders hold that were just cancelled. Harmless for any other order, and however often: each step goes by the row. What can not be
 * given back at once is left to closeDueOrders.
 * @returns the number of orders that owe nothing any more
 * @throws InvalidInput
 */
export async function giveBackOrders(orderSns: string[]): Promise<number> {
  refuseUnread(orderSns)
  parse(ORDER_SNS, orderSns, 'orderSns')
  return orderSns.length - (await giveBack(orderSns)).length
}
