import type { Client } from '@temporalio/client'
import { createOrderWorkflowId, type RequestKey, settleOrderWorkflowId } from '../contracts/create-order.ts'
import { isOpen } from './open-run.ts'

/** Ids of the runs that may be at an order: the one that opened it, the one that it was handed over to, the one that settles it. */
export function runsOf(order: RequestKey & { orderSn: string; workflowId: string }): string[] {
  return [...new Set([order.workflowId, createOrderWorkflowId(order), settleOrderWorkflowId(order.orderSn)])]
}

/** Id of an open run of this order, or `undefined`. */
export async function openRunOf(
  client: Pick<Client, 'workflow'>,
  order: RequestKey & { orderSn: string; workflowId: string },
): Promise<string | undefined> {
  for (const workflowId of runsOf(order)) if (await isOpen(client, workflowId, order.orderSn)) return workflowId
  return undefined
}
