import { type WorkflowInfo, workflowInfo } from '@temporalio/workflow'
import type { Opening } from '../contracts/steps.ts'

/**
 * Reports whether this run opened the order, or the batch that handed it over: then no run that has ended can have called it
 * confirmed. A run that was reset has ended once, and does not know.
 */
export function isOwn(
  { inserted, openedBy }: Extract<Opening, { state: 'open' }>,
  { runId, firstExecutionRunId, parent }: Pick<WorkflowInfo, 'runId' | 'firstExecutionRunId' | 'parent'> = workflowInfo(),
): boolean {
  if (runId !== firstExecutionRunId) return false
  return inserted === true || (openedBy !== undefined && openedBy === parent?.workflowId)
}
