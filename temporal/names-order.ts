import type { WorkflowExecutionDescription } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '../contracts/search-attributes.ts'

const [ORDER_SN] = SEARCH_ATTRIBUTES

/**
 * Whether a run says of itself that it is at this order. Its id does not tell: a client may use one again, for another order.
 * @returns `undefined` where it names no order: that of a plain client does so only behind openOrder, a settleOrder never
 */
export function namesOrder(
  { typedSearchAttributes }: Pick<WorkflowExecutionDescription, 'typedSearchAttributes'>,
  orderSn: string,
): boolean | undefined {
  return typedSearchAttributes.get(ORDER_SN)?.includes(orderSn)
}
