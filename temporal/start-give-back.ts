import { randomUUID } from 'node:crypto'
import type { WorkflowClient } from '@temporalio/client'
import { WORKFLOW_TYPES } from '../contracts/create-order.ts'
import type { OrderSn } from '../contracts/order.ts'
import { START_DEADLINE_MS } from '../contracts/time-budget.ts'
import { within } from './within.ts'

/** Starts a giveBackOrders for orders that were just closed. @throws ServiceError if it may not have begun */
export async function startGiveBack(
  client: Pick<WorkflowClient, 'start' | 'withDeadline'>,
  orderSns: OrderSn[],
  taskQueue: string,
): Promise<void> {
  const staticSummary = `Give back what ${orderSns.length} orders hold`
  const run = { workflowId: `give-back-orders/${randomUUID()}`, taskQueue, args: [orderSns], staticSummary }
  await within(client, START_DEADLINE_MS, () => client.start(WORKFLOW_TYPES.giveBackOrders, run))
}
