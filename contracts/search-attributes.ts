import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common'
import type { RequestKey } from './create-order.ts'

/** A list from the start: a run that creates several orders is found by each of them. */
export const ORDER_SN = defineSearchAttributeKey('OrderSn', 'KEYWORD_LIST')
const USER_ID = defineSearchAttributeKey('UserId', 'KEYWORD_LIST')
const REQUEST_ID = defineSearchAttributeKey('RequestId', 'KEYWORD')

/**
 * Search attributes that have to be registered in the namespace (`npm run register`). They never hold personal data, because they
 * are not encrypted.
 */
export const SEARCH_ATTRIBUTES = [ORDER_SN, USER_ID, REQUEST_ID] as const

/**
 * Search attributes of an order's run, set at start by our starters, and by the workflow itself if a starter did not. RequestId held the
 * caller's key, which may name a person. It is set to the order's number for as long as a worker of before may take the run up, which would set the key
 * if it found none, and so give the run another order of commands.
 */
export function searchAttributesOf(orderSn: string, { userId }: Pick<RequestKey, 'userId'>): SearchAttributePair[] {
  return [
    { key: ORDER_SN, value: [orderSn] },
    { key: USER_ID, value: [String(userId)] },
    { key: REQUEST_ID, value: orderSn },
  ]
}

/** These find a run that knows only the number of its order. */
export function searchAttributeOfOrder(orderSn: string): SearchAttributePair {
  return { key: ORDER_SN, value: [orderSn] }
}

/** Search attributes of a batch run: every order number and user id. RequestId is left out because a batch has no single one. */
export function searchAttributesOfBatch(orders: readonly { orderSn: string; request: RequestKey }[]): SearchAttributePair[] {
  return [
    { key: ORDER_SN, value: orders.map(({ orderSn }) => orderSn) },
    { key: USER_ID, value: orders.map(({ request }) => String(request.userId)) },
  ]
}
