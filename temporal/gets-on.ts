import { tsToMs } from '@temporalio/common/lib/time.js'
import { WORKFLOW_TYPES } from '../contracts/create-order.ts'
import { STALLED_AFTER_MS } from '../contracts/time-budget.ts'
import type { RunClient, RunSeen } from './describe-run.ts'
import { newestEvents } from './newest-events.ts'

/** Events of a run that no worker has come to: it was started, and its first task waits. */
const EVENTS_OF_NOBODY = 2

const OURS = new Set<string>([WORKFLOW_TYPES.createOrder, WORKFLOW_TYPES.createOrders, WORKFLOW_TYPES.settleOrder])

/**
 * Reports whether a run is open, is at this order, and gets on. Its Workflow Id proves none of it: anybody may start anything under it, on a
 * task queue that nobody polls, too. A run of ours that names no order yet may be at it: that of a plain client names its own behind
 * openOrder. A run gets on as long as workers take its tasks: then its steps are tried again and again. To be wrong is harmless: an
 * order that is settled beside its live run is judged by the store.
 */
export async function getsOn(
  client: RunClient,
  run: RunSeen,
  orderSn: string,
  stalledAfterMs = STALLED_AFTER_MS,
): Promise<boolean> {
  if (run.status !== 'RUNNING') return false
  if (!(run.orderSns ? run.orderSns.includes(orderSn) : OURS.has(run.type))) return false
  const { pendingWorkflowTask, workflowExecutionInfo } = run.raw
  if (!pendingWorkflowTask && Number(workflowExecutionInfo?.historyLength ?? 0) > EVENTS_OF_NOBODY) return true
  // The task itself does not say: each attempt at it is scheduled anew, however often it failed.
  const [last] = await newestEvents(client, run, 1)
  return last !== undefined && Date.now() - tsToMs(last.eventTime) < stalledAfterMs
}
