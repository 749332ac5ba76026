import { isConfirmed, isSettled } from '../store/stored-order.ts'
import { attendanceOf } from '../temporal/attendance.ts'
import { describeRun } from '../temporal/describe-run.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'
import { requireOrder, standing } from './require-order.ts'
import { answeredAdvice } from './resolve-answered.ts'
import { settleByRun } from './settle-by-run.ts'

/**
 * Gets an unsettled order going again. If its run waits for the next attempt of a step, or somebody paused the step, it is tried now; if
 * no run is at it, or only one that does not get on, one settles it now instead of at the next sweep.
 * @returns what was done, and where the order stands
 * @throws Refused if the order is settled, in doubt, answered as confirmed, or at work already
 */
export async function retryOrder(deps: OperatorDeps, orderSn: string, operator: Operator): Promise<string> {
  const order = await requireOrder(deps, orderSn)
  if (order.stockState === 'in_doubt') {
    throw new Refused(
      `order ${orderSn} is in doubt: another attempt could sell or give back twice. Find out what the inventory did, then resolve it`,
    )
  }
  if (isSettled(order)) throw new Refused(`order ${orderSn} is settled (${standing(order)}): there is nothing to retry`)

  const attendance = await attendanceOf(deps.client, { ...order, wasConfirmed: isConfirmed(order) })
  if (attendance.kind === 'answered') {
    throw new Refused(
      `run ${attendance.workflowId} answered that order ${orderSn} is confirmed, and the store does not know it: to settle it would close it. ` +
        `${answeredAdvice(orderSn)}`,
    )
  }
  if (attendance.kind === 'abandoned') {
    const after = await settleByRun(deps, orderSn)
    await deps.orders.appendAudit([{ orderSn, verb: 'retry', ...operator, before: order, after }])
    return `no run was at it: settleOrder was started, order ${orderSn} is ${standing(after)}`
  }

  const { workflowId } = attendance
  const waiting = await waitingActivities(deps, workflowId)
  if (waiting.length === 0) {
    throw new Refused(
      `run ${workflowId} is at order ${orderSn}, and none of its steps waits for another attempt: look again later`,
    )
  }
  const { namespace } = deps.client.options
  for (const { id } of waiting) {
    // The attempts are counted anew, so that the pauses between them are short again.
    await deps.client.workflowService.resetActivity({ namespace, execution: { workflowId }, id, identity: operator.by })
  }
  await deps.orders.appendAudit([{ orderSn, verb: 'retry', ...operator, before: order, after: order }])
  return `${waiting.map(({ type }) => type).join(', ')} of run ${workflowId} is tried again now; see: show ${orderSn}`
}

/** Activities that failed and wait for their next attempt, and those that somebody paused. */
async function waitingActivities({ client }: OperatorDeps, workflowId: string): Promise<{ id: string; type: string }[]> {
  const run = await describeRun(client, workflowId)
  return (run?.raw.pendingActivities ?? [])
    .filter(({ lastFailure, paused }) => lastFailure || paused)
    .map(({ activityId, activityType }) => ({ id: activityId ?? '', type: activityType?.name ?? '' }))
}
