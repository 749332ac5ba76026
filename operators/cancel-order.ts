import { createOrderWorkflowId, formerWorkflowId } from '../contracts/create-order.ts'
import { FAILURES } from '../contracts/failures.ts'
import { UNPAID_STATUSES } from '../contracts/order.ts'
import { isConfirmed, type StoredOrder } from '../store/stored-order.ts'
import { describeRun, type RunSeen } from '../temporal/describe-run.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'
import { owedText, requireOrder, standing } from './require-order.ts'
import { settleByRun, untilSettled } from './settle-by-run.ts'

/**
 * Cancels an order. One that waits for its payment is closed, and a run gives back what it holds. One that is being created is undone by its
 * own run: the store decides, and an order that is confirmed before the cancellation arrives stands.
 * @returns what became of it
 * @throws Refused if it is paid, closed or in doubt, or if its creation has no run that could be cancelled
 */
export async function cancelOrder(deps: OperatorDeps, orderSn: string, operator: Operator): Promise<string> {
  const order = await requireOrder(deps, orderSn)
  if (order.stockState === 'in_doubt') {
    throw new Refused(`order ${orderSn} is in doubt: nobody knows what there is to undo. Find out, then resolve it`)
  }
  if (UNPAID_STATUSES.includes(order.status)) return await cancelUnpaid(deps, order, operator)
  if (order.status !== 'CREATING') {
    throw new Refused(
      order.status === 'TRADE_CLOSED'
        ? `order ${orderSn} is closed already (${standing(order)})`
        : `order ${orderSn} is paid (${standing(order)}): ${FAILURES.OrderPaid.advice}`,
    )
  }
  // The one that it was handed over to, else the one that opened it.
  const open: RunSeen[] = []
  for (const workflowId of [createOrderWorkflowId(orderSn), formerWorkflowId(order), order.workflowId]) {
    const run = await describeRun(deps.client, workflowId)
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
  await deps.client.workflow.getHandle(own, run.runId).cancel()
  const after = await untilSettled(deps, orderSn)
  await deps.orders.appendAudit([{ orderSn, verb: 'cancel', ...operator, before: order, after }])
  if (after.status === 'CREATING' || after.owed.length > 0) {
    return `cancellation of run ${own} is asked for, order ${orderSn} is ${standing(after)} so far; see: show ${orderSn}`
  }
  return isConfirmed(after)
    ? `order ${orderSn} was confirmed before the cancellation arrived, and stands: ${standing(after)}`
    : `order ${orderSn} is cancelled: ${standing(after)}`
}

async function cancelUnpaid(deps: OperatorDeps, { orderSn }: StoredOrder, operator: Operator): Promise<string> {
  const closed = await deps.orders.closeOrder({ orderSn, ...operator }, 'cancelled')
  if (closed.kind === 'absent' || closed.kind === 'refused') {
    throw new Refused(`order ${orderSn} was paid at this very moment: ${FAILURES.OrderPaid.advice}`)
  }
  const after = await settleByRun(deps, orderSn)
  return after.owed.length > 0
    ? `order ${orderSn} is cancelled, and ${owedText(after)} is being given back: ${standing(after)}; see: show ${orderSn}`
    : `order ${orderSn} is cancelled: ${standing(after)}`
}
