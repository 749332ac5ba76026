import { createOrderWorkflowId, type OrderRequest } from '../contracts/create-order.ts'
import { searchAttributesOf } from '../contracts/search-attributes.ts'

/**
 * Options by which anybody starts the createOrder of one order: it is named after its order, so that equal requests meet in
 * one run.
 */
export function ownRun(request: OrderRequest, orderSn: string, taskQueue: string) {
  return {
    workflowId: createOrderWorkflowId(orderSn),
    taskQueue,
    args: [request] as [OrderRequest],
    workflowIdConflictPolicy: 'FAIL' as const,
    // A closed run says nothing about its order: one that was terminated left it to be settled by the next.
    workflowIdReusePolicy: 'ALLOW_DUPLICATE' as const,
    typedSearchAttributes: searchAttributesOf(orderSn, request),
    staticSummary: `Order ${orderSn} of user ${request.userId}`,
  }
}
