import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { BUDGET_MEMO, type OrderRequest, WORKFLOW_TYPES } from '../contracts/create-order.ts'
import { orderSnOf } from '../contracts/order-sn.ts'
import { ownRun } from './own-run.ts'
import { within } from './within.ts'

/** Milliseconds. A start whose fate is unknown is made again: the run's name lets it begin once. */
const START_MS = 5_000

/**
 * Starts the createOrder of an order that its batch hands over.
 * @returns when Temporal holds a run of its name, this one or an earlier one
 * @throws ServiceError if it may not hold one
 */
export async function startOwnRun(
  { workflow }: Pick<Client, 'workflow'>,
  request: OrderRequest,
  { taskQueue, budgetEndsAt }: { taskQueue: string; budgetEndsAt: string },
): Promise<void> {
  const run = { ...ownRun(request, orderSnOf(request), taskQueue), memo: { [BUDGET_MEMO]: budgetEndsAt } }
  try {
    await within(workflow, START_MS, () => workflow.start(WORKFLOW_TYPES.createOrder, run))
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error // it is at it already
  }
}
