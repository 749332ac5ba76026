import { failure } from '../contracts/failures.ts'
import { isOrderSn, parseOrderSn } from '../contracts/order.ts'
import { isConfirmed, isSettled, type StoredOrder } from '../store/stored-order.ts'
import { attendanceOf } from '../temporal/attendance.ts'
import { messageOf } from './message-of.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'
import { requireOrder, standing } from './require-order.ts'
import { restoreAnswered } from './restore-answered.ts'
import { settleByRun } from './settle-by-run.ts'

/** Decision of an operator about an order that a run calls confirmed, and the store does not. */
export type AnsweredVerdict = 'asAnswered' | 'close'

/** Advice about such an order, in the words of messages. */
export function answeredAdvice(orderSn: string): string {
  return `resolve ${orderSn} --as-answered confirms it again, --close gives its stock back`
}

/**
 * Settles an order whose run has ended, calling it confirmed, while the store does not know it: the database was restored, or failed
 * over to a replica that lacked the confirmation, or the whole row.
 * @param verdict `asAnswered`: it is confirmed again, with the lines and prices that were answered, its row being restored first if it is gone; `close`: it is closed, and its
 *   stock given back
 * @returns what became of it
 * @throws Refused if no such run answered, or what it answered can't be carried out any more
 */
export async function resolveAnswered(
  deps: OperatorDeps,
  orderSn: string,
  verdict: AnsweredVerdict,
  operator: Operator,
): Promise<string> {
  const isLost = isOrderSn(orderSn) && !(await deps.orders.getOrder(orderSn))
  if (isLost && verdict === 'close') {
    throw new Refused(
      `the store has no order ${orderSn}, and nothing to close: reconcile --apply --return-answered gives back what was sold under its number`,
    )
  }
  if (isLost) await restoreAnswered(deps, orderSn)
  const order = await requireOrder(deps, orderSn)
  const attendance = isSettled(order)
    ? undefined
    : await attendanceOf(deps.client, { ...order, wasConfirmed: isConfirmed(order) })
  if (attendance?.kind !== 'answered') {
    throw new Refused(
      `no run that has ended calls order ${orderSn} confirmed against the store (${standing(order)}); see: show ${orderSn}`,
    )
  }
  const { workflowId, order: answer } = attendance
  const audit = async (after: StoredOrder) => {
    const why = `${verdict}: ${operator.why}`
    await deps.orders.appendAudit([{ orderSn, verb: 'resolve', by: operator.by, why, before: isLost ? {} : order, after }])
    return after
  }
  if (verdict === 'close') {
    // A run would not close it against that answer: this verdict does, and then a run gives its stock back.
    const why = failure('OrderClosed', `order ${orderSn} was closed by an operator after its confirmation was lost`, { orderSn })
    await deps.orders.voidOrders([{ orderSn, refusal: why }])
    return `order ${orderSn}, which run ${workflowId} calls confirmed, is ${standing(await audit(await settleByRun(deps, orderSn)))}`
  }
  if (order.status !== 'CREATING') {
    throw new Refused(
      `order ${orderSn} is closed by now (${standing(order)}), and never confirmed again: resolve it with --close`,
    )
  }
  if (!answer) {
    throw new Refused(
      `run ${workflowId} calls order ${orderSn} confirmed, and its result names no lines: have the request sent again under its key, which ` +
        'confirms it, or resolve it with --close',
    )
  }
  await sell(deps, order, answer.lines)
  await deps.orders.confirmOrders([{ orderSn, lines: answer.lines, total: answer.total.amount }])
  const after = await requireOrder(deps, orderSn)
  if (!isConfirmed(after)) {
    throw new Refused(
      `the store does not confirm order ${orderSn} (${standing(after)}): it was closed meanwhile, or asks for other goods than run ` +
        `${workflowId} answered; its sale stands so far. See: show ${orderSn}`,
    )
  }
  await audit(after)
  return `order ${orderSn} is confirmed again, as run ${workflowId} answered: ${standing(after)}, to be paid until ${after.payDeadline}`
}

/** Sells the stock as before every confirmation. The order's number makes it happen once, whether it was done before or not. */
async function sell(
  { inventory }: OperatorDeps,
  { orderSn, keyed, stockState }: StoredOrder,
  sold: readonly { goodsId: number; num: number }[],
): Promise<void> {
  if (!keyed) {
    if (stockState === 'sold') return
    throw new Refused(
      `nobody knows whether the inventory, which keeps no numbers, still holds the stock of order ${orderSn}: find out, then resolve it with ` +
        '--close, which leaves it in doubt if its Sell was sent and not answered',
    )
  }
  const lines = sold.map(({ goodsId, num }) => ({ goodsId, num }))
  await inventory.sell(parseOrderSn(orderSn), lines).catch((error: unknown) => {
    throw new Refused(
      `the inventory does not sell to order ${orderSn} (${messageOf(error)}): mend that, or resolve it with --close`,
    )
  })
}
