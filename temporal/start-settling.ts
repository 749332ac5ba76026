import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { settleBesideWorkflowId, settleOrderWorkflowId, WORKFLOW_TYPES } from '../contracts/create-order.ts'
import { searchAttributeOfOrder } from '../contracts/search-attributes.ts'
import { describeRun } from './describe-run.ts'
import { getsOn } from './gets-on.ts'
import { within } from './within.ts'

/** Milliseconds. A start whose fate is unknown is made again: a run that gets on is found, and one more would do no harm. */
const START_MS = 5_000

/**
 * Starts the settleOrder of an order. If its Workflow Id is taken by a run that does not get on, under the other one: a run that nobody's
 * worker takes up would be waited for in vain.
 * @returns when Temporal holds a run that gets on, this one or an earlier one
 * @throws ServiceError where it may not hold one
 */
export async function startSettling(client: Client, orderSn: string, taskQueue: string): Promise<void> {
  await within(client.workflow, START_MS, async () => {
    const workflowId = settleOrderWorkflowId(orderSn)
    if (await start(client, workflowId, orderSn, taskQueue)) return
    const run = await describeRun(client, workflowId)
    if (run && (await getsOn(client, run, orderSn))) return
    await start(client, settleBesideWorkflowId(orderSn), orderSn, taskQueue)
  })
}

/** @returns false if a run has this id already */
async function start({ workflow }: Client, workflowId: string, orderSn: string, taskQueue: string): Promise<boolean> {
  try {
    await workflow.start(WORKFLOW_TYPES.settleOrder, {
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
