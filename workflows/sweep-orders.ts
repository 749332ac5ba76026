import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { ParentClosePolicy, startChild } from '@temporalio/workflow'
import { settleOrderWorkflowId } from '../contracts/create-order.ts'
import { settleOrder } from './settle-order.ts'
import { findAbandonedOrders } from './steps.ts'

/**
 * Started by a Schedule (register.ts): finds orders that no open run owns, and starts a settleOrder for each.
 * @returns their order numbers
 */
export async function sweepOrders(): Promise<string[]> {
  const abandoned = await findAbandonedOrders()
  await Promise.all(
    abandoned.map((orderSn) =>
      startChild(settleOrder, {
        workflowId: settleOrderWorkflowId(orderSn),
        args: [orderSn],
        parentClosePolicy: ParentClosePolicy.ABANDON,
      }).catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error // an earlier sweep's is still at it
      }),
    ),
  )
  return abandoned
}
