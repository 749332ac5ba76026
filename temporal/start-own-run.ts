import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { BUDGET_MEMO, createOrderWorkflowId, type OrderRequest, WORKFLOW_TYPES } from '../contracts/create-order.ts'
import { orderSnOf } from '../contracts/order-sn.ts'
import { searchAttributesOf } from '../contracts/search-attributes.ts'

/** Milliseconds. A start whose fate is unknown is made again: the run's name lets it begin once. */
const START_MS = 5_000

/**
 * Starts the createOrder of an order that its batch hands over.
 * @returns when Temporal holds a run of its name, this one or an earlier one
 * @throws ServiceError where it may not hold one
 */
export async function startOwnRun(
  client: Pick<Client, 'workflow' | 'withDeadline'>,
  request: OrderRequest,
  { taskQueue, budgetEndsAt }: { taskQueue: string; budgetEndsAt: string },
): Promise<void> {
  const orderSn = orderSnOf(request)
  try {
    await client.withDeadline(Date.now() + START_MS, () =>
      client.workflow.start(WORKFLOW_TYPES.createOrder, {
        workflowId: createOrderWorkflowId(request),
        taskQueue,
        args: [request],
        memo: { [BUDGET_MEMO]: budgetEndsAt },
        workflowIdConflictPolicy: 'FAIL',
        workflowIdReusePolicy: 'ALLOW_DUPLICATE',
        typedSearchAttributes: searchAttributesOf(orderSn, request),
        staticSummary: `Order ${orderSn} of user ${request.userId}`,
      }),
    )
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error // it is at it already
  }
}
