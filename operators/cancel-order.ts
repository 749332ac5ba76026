import { createOrderWorkflowId } from '../contracts/create-order.ts'
import { isConfirmed } from '../store/stored-order.ts'
import { describeRun, type RunSeen } from '../temporal/describe-run.ts'
import type { Operator, OperatorParts } from './operator-parts.ts'
import { Refused } from './refused.ts'
import { requireOrder, standing } from './require-order.ts'
import { untilSettled } from './settle-by-run.ts'

/**
 * Cancels the creation of an order: its run undoes what was done. The store decides: an order that is confirmed before the
 * cancellation arrives stands.
 * @returns what became of it
 * @throws Refused if there is no creation to cancel
 */
export async function cancelOrder(parts: OperatorParts, orderSn: string, operator: Operator): Promise<string> {
  const order = await requireOrder(parts, orderSn)
  if (order.stockState === 'in_doubt') {
    throw new Refused(`order ${orderSn} is in doubt: nobody knows what there is to undo. Find out, then resolve it`)
  }
  if (order.status !== 'CREATING') {
    throw new Refused(
      isConfirmed(order) && order.status !== 'TRADE_CLOSED'
        ? `order ${orderSn} is confirmed (${standing(order)}): its buyer was told so, and its creation cannot be cancelled any more`
        : `order ${orderSn} is closed already (${standing(order)})`,
    )
  }
  // The one that it was handed over to, else the one that opened it.
  const open: RunSeen[] = []
  for (const workflowId of [createOrderWorkflowId(order), order.workflowId]) {
    const run = await describeRun(parts.client, workflowId)
    if (run?.status === 'RUNNING' && run.orderSns?.includes(orderSn) !== false) open.push(run)
  }
  const [run] = open
  if (!run) {
    throw new Refused(
      `order ${orderSn} is CREATING, and no run of it is open that could be cancelled: retry ${orderSn} settles it`,
    )
  }
  const { workflowId: own } = run
  if (run.type !== 'createOrder') {
    throw new Refused(
      `order ${orderSn} shares run ${own} with other orders, which would be cancelled too: look again in a few seconds`,
    )
  }
  if (!run.orderSns) {
    throw new Refused(
      `run ${own} does not say yet which order it is at, it could be another than ${orderSn}: look again in a few seconds`,
    )
  }
  // This very run: the next one of the same id may be another customer's.
  await parts.client.workflow.getHandle(own, run.runId).cancel()
  const after = await untilSettled(parts, orderSn)
  await parts.orders.appendAudit([{ orderSn, verb: 'cancel', ...operator, before: order, after }])
  if (after.status === 'CREATING' || after.owed.length > 0) {
    return `cancellation of run ${own} is asked for, order ${orderSn} is ${standing(after)} so far; see: show ${orderSn}`
  }
  return isConfirmed(after)
    ? `order ${orderSn} was confirmed before the cancellation arrived, and stands: ${standing(after)}`
    : `order ${orderSn} is cancelled: ${standing(after)}`
}
