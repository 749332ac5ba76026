import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow'
import type { RequestKey } from '../contracts/create-order.ts'
import { searchAttributesOf } from '../contracts/search-attributes.ts'

/** Makes a run that was started by hand as easy to find as one of our starters'. */
export function ensureSearchAttributes(orderSn: string, request: RequestKey): void {
  const wanted = searchAttributesOf(orderSn, request)
  const { typedSearchAttributes } = workflowInfo()
  if (wanted.some(({ key }) => typedSearchAttributes.get(key) === undefined)) upsertSearchAttributes(wanted)
}
