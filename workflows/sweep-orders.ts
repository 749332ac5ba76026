import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { ParentClosePolicy, patched, startChild } from '@temporalio/workflow'
import { settleBesideWorkflowId, settleOrderWorkflowId } from '../contracts/create-order.ts'
import { searchAttributeOfOrder } from '../contracts/search-attributes.ts'
import { settleOrder } from './settle-order.ts'
import { findAbandonedOrders, startSettling } from './steps.ts'

/**
 * Started by a Schedule (composition/register.ts): finds orders that no open run owns, and starts a settleOrder for each.
 * @returns their order numbers
 */
export async function sweepOrders(): Promise<string[]> {
  const abandoned = await findAbandonedOrders()
  if (abandoned.length === 0) return abandoned
  if (patched('settle-by-activity')) await startSettling(abandoned)
  else await startChildren(abandoned)
  return abandoned
}

/** The starts of sweeps that began before: each child that starts wakes the sweep. */
async function startChildren(abandoned: readonly string[]): Promise<void> {
  await Promise.all(
    abandoned.map(async (orderSn) => {
      if (await startChildOf(settleOrderWorkflowId(orderSn), orderSn)) return
      // Not owned, and its id is taken: by a run that does not get on, or by one that another sweep has started just now.
      if (patched('settle-beside')) await startChildOf(settleBesideWorkflowId(orderSn), orderSn)
    }),
  )
}

/** @returns false if a run has this id already */
async function startChildOf(workflowId: string, orderSn: string): Promise<boolean> {
  try {
    await startChild(settleOrder, {
      workflowId,
      args: [orderSn],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      typedSearchAttributes: [searchAttributeOfOrder(orderSn)],
    })
    return true
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
    return false
  }
}
