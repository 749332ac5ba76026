import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { settleBesideWorkflowId, settleOrderWorkflowId, WORKFLOW_TYPES } from '../contracts/create-order.ts'
import { searchAttributeOfOrder } from '../contracts/search-attributes.ts'
import { isSettled, type StoredOrder } from '../store/stored-order.ts'
import { describeRun } from '../temporal/describe-run.ts'
import { getsOn } from '../temporal/gets-on.ts'
import type { OperatorParts } from './operator-parts.ts'
import { requireOrder } from './require-order.ts'

/** A healthy run takes less than one; a verb that waits longer says where the order stands and leaves. */
const SETTLED_WITHIN_MS = 15_000
const LOOK_EVERY_MS = 200

/**
 * Has an order settled by a run of its own, as the sweep would, but now: closed unless it is confirmed, its stock given back.
 * @returns the order when it is settled, or as it is when that takes long
 */
export async function settleByRun(parts: OperatorParts, orderSn: string): Promise<StoredOrder> {
  const settling = settleOrderWorkflowId(orderSn)
  if (!(await start(parts, settling, orderSn))) {
    const run = await describeRun(parts.client, settling)
    // A run that nobody's worker takes up would be waited for in vain.
    const isAtIt = run && (await getsOn(parts.client, run, orderSn))
    if (!isAtIt) await start(parts, settleBesideWorkflowId(orderSn), orderSn)
  }
  return await untilSettled(parts, orderSn)
}

/** @returns false if a run has this id already */
async function start({ client, taskQueue }: OperatorParts, workflowId: string, orderSn: string): Promise<boolean> {
  try {
    await client.workflow.start(WORKFLOW_TYPES.settleOrder, {
      workflowId,
      taskQueue,
      args: [orderSn],
      typedSearchAttributes: [searchAttributeOfOrder(orderSn)],
    })
    return true
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
}

/** Waits until an order is settled. @returns the order then, or as it is when that takes long */
export async function untilSettled(parts: Pick<OperatorParts, 'orders'>, orderSn: string): Promise<StoredOrder> {
  for (const deadline = performance.now() + SETTLED_WITHIN_MS; ; ) {
    const order = await requireOrder(parts, orderSn)
    if (isSettled(order) || order.stockState === 'in_doubt' || performance.now() > deadline) return order
    await sleep(LOOK_EVERY_MS)
  }
}
