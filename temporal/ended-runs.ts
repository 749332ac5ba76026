import { WORKFLOW_TYPES } from '../contracts/create-order.ts'
import { orderSnsOf, type RunClient } from './describe-run.ts'
import { quoted } from './quoted.ts'

/** Runs in one page of the server's list. */
const PAGE = 1_000

/**
 * Numbers of the orders that runs which have completed say they were at, page by page; what became of each says only the run's result.
 * @param since ISO 8601, by the server's clock @default all that the server remembers
 */
export async function* ordersOfEndedRuns(
  { workflowService, options: { namespace } }: RunClient,
  taskQueue: string,
  since?: string,
): AsyncGenerator<string[]> {
  const query = [
    `TaskQueue = ${quoted(taskQueue)}`,
    `WorkflowType IN ('${WORKFLOW_TYPES.createOrder}', '${WORKFLOW_TYPES.createOrders}')`,
    "ExecutionStatus = 'Completed'",
    ...(since === undefined ? [] : [`CloseTime >= ${quoted(since)}`]),
  ].join(' AND ')
  for (let nextPageToken: Uint8Array | null | undefined; ; ) {
    const page = await workflowService.listWorkflowExecutions({
      namespace,
      query,
      pageSize: PAGE,
      ...(nextPageToken && { nextPageToken }),
    })
    yield (page.executions ?? []).flatMap((run) => orderSnsOf(run) ?? [])
    nextPageToken = page.nextPageToken
    if (!nextPageToken?.length) return
  }
}
