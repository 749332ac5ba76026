import {
  createOrderWorkflowId,
  formerWorkflowId,
  type RequestKey,
  settleBesideWorkflowId,
  settleOrderWorkflowId,
} from '../contracts/create-order.ts'

/** Ids of the runs that may be at an order: the one that opened it, the one that it was handed over to, those that settle it. */
export function runsOf(order: RequestKey & { orderSn: string; workflowId: string }): string[] {
  const { orderSn, workflowId } = order
  const settling = [settleOrderWorkflowId(orderSn), settleBesideWorkflowId(orderSn)]
  return [...new Set([workflowId, createOrderWorkflowId(orderSn), formerWorkflowId(order), ...settling])]
}
