import { AsyncLocalStorage } from 'node:async_hooks'
import { activityInfo } from '@temporalio/activity'

const ahead = new AsyncLocalStorage<string>()

/** Runs a step on behalf of a Workflow Execution that has not come to it yet. */
export function onBehalfOf<T>(workflowId: string, step: () => T): T {
  return ahead.run(workflowId, step)
}

/** The id of the Workflow Execution that this step belongs to. */
export function runningWorkflowId(): string {
  return ahead.getStore() ?? activityInfo().workflowExecution?.workflowId ?? ''
}
