import { AsyncLocalStorage } from 'node:async_hooks'
import { activityInfo } from '@temporalio/activity'
import { invalidInput } from '../contracts/invalid-input.ts'
import { canBeWorkflowId } from '../contracts/workflow-id.ts'

const ahead = new AsyncLocalStorage<string>()

/** Runs a step on behalf of a Workflow Execution that has not come to it yet. */
export function onBehalfOf<T>(workflowId: string, step: () => T): T {
  return ahead.run(workflowId, step)
}

/**
 * The id of the Workflow Execution that this step belongs to.
 * @throws InvalidInput if it belongs to none: an order without a run would have nobody who settles it
 */
export function runningWorkflowId(): string {
  const workflowId = ahead.getStore() ?? activityInfo().workflowExecution?.workflowId
  if (canBeWorkflowId(workflowId)) return workflowId
  throw invalidInput([{ field: 'the activity', problem: 'must be a step of a workflow: start createOrder instead' }])
}
