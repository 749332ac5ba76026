import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common'
import type { RequestKey } from './create-order.ts'

/** A list from the start: a run that creates several orders is found by each of them. */
const ORDER_SN = defineSearchAttributeKey('OrderSn', 'KEYWORD_LIST')
const USER_ID = defineSearchAttributeKey('UserId', 'KEYWORD_LIST')
const REQUEST_ID = defineSearchAttributeKey('RequestId', 'KEYWORD')

/** What has to be registered in the namespace (`npm run register`), never personal data: search attributes are not encrypted. */
export const SEARCH_ATTRIBUTES = [ORDER_SN, USER_ID, REQUEST_ID] as const

/** By which the run of an order is found, set at start by our starters and by the workflow itself where a starter did not. */
export function searchAttributesOf(orderSn: string, { userId, requestId }: RequestKey): SearchAttributePair[] {
  return [
    { key: ORDER_SN, value: [orderSn] },
    { key: USER_ID, value: [String(userId)] },
    { key: REQUEST_ID, value: requestId },
  ]
}

/** These find a run that knows only the number of its order. */
export function searchAttributeOfOrder(orderSn: string): SearchAttributePair {
  return { key: ORDER_SN, value: [orderSn] }
}

/** By which the run of a batch is found: each order, each user. One key for all would be none. */
export function searchAttributesOfBatch(orders: readonly { orderSn: string; request: RequestKey }[]): SearchAttributePair[] {
  return [
    { key: ORDER_SN, value: orders.map(({ orderSn }) => orderSn) },
    { key: USER_ID, value: orders.map(({ request }) => String(request.userId)) },
  ]
}
