import { appendAudit } from '../store/audit.ts'
import { isSettled } from '../store/stored-order.ts'
import { openRunOf } from '../temporal/runs-of-order.ts'
import type { Operator, OperatorParts } from './operator-parts.ts'
import { Refused } from './refused.ts'
import { requireOrder, standing } from './require-order.ts'
import { settleByRun } from './settle-by-run.ts'

/**
 * Gets an unsettled order going again. Where its run waits for the next attempt of a step, that is made now; where no run is
 * open, one settles it now instead of at the next sweep.
 * @returns what was done, and where the order stands
 * @throws Refused where the order is settled, in doubt, or at work already
 */
export async function retryOrder(parts: OperatorParts, orderSn: string, operator: Operator): Promise<string> {
  const order = await requireOrder(parts, orderSn)
  if (order.stockState === 'in_doubt') {
    throw new Refused(
      `order ${orderSn} is in doubt: another attempt could sell or give back twice. Find out what the inventory did, then resolve it`,
    )
  }
  if (isSettled(order)) throw new Refused(`order ${orderSn} is settled (${standing(order)}): there is nothing to retry`)

  const workflowId = await openRunOf(parts.client, order)
  if (workflowId === undefined) {
    const after = await settleByRun(parts, orderSn)
    await appendAudit(parts.db, [{ orderSn, verb: 'retry', ...operator, before: order, after }])
    return `no run was open: settleOrder was started, order ${orderSn} is ${standing(after)}`
  }

  const waiting = await waitingActivities(parts, workflowId)
  if (waiting.length === 0) {
    throw new Refused(
      `run ${workflowId} is at order ${orderSn}, and none of its steps waits for another attempt: look again later`,
    )
  }
  const { namespace } = parts.client.options
  for (const { id } of waiting) {
    // The attempts are counted anew, so that the pauses between them are short again.
    await parts.client.workflowService.resetActivity({ namespace, execution: { workflowId }, id, identity: operator.by })
  }
  await appendAudit(parts.db, [{ orderSn, verb: 'retry', ...operator, before: order, after: order }])
  return `${waiting.map(({ type }) => type).join(', ')} of run ${workflowId} is tried again now; see: show ${orderSn}`
}

/** Activities that failed and pause before their next attempt. */
async function waitingActivities({ client }: OperatorParts, workflowId: string): Promise<{ id: string; type: string }[]> {
  const { raw } = await client.workflow.getHandle(workflowId).describe()
  return (raw.pendingActivities ?? [])
    .filter(({ lastFailure }) => lastFailure)
    .map(({ activityId, activityType }) => ({ id: activityId ?? '', type: activityType?.name ?? '' }))
}
