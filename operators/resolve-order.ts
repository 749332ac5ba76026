import type { StockVerdict } from '../contracts/reconciliation.ts'
import { isSettled } from '../store/stored-order.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'
import { owedText, requireOrder, standing } from './require-order.ts'
import { settleByRun } from './settle-by-run.ts'

/**
 * Settles an order in doubt by what an operator found out in the inventory.
 * @param verdict whether its pieces are still counted as sold there
 * @returns what became of it
 * @throws Refused if the order is not in doubt
 */
export async function resolveOrder(
  deps: OperatorDeps,
  orderSn: string,
  verdict: StockVerdict,
  operator: Operator,
): Promise<string> {
  const order = await requireOrder(deps, orderSn)
  const resolved = await deps.orders.resolveInDoubt({ orderSn, verdict, ...operator })
  if (!resolved) {
    throw new Refused(`order ${orderSn} is not in doubt (${standing(order)}): only what nobody knows can be resolved`)
  }
  const after = await requireOrder(deps, orderSn)
  if (isSettled(after)) return `order ${orderSn} is ${standing(after)}: nothing is held`
  return `order ${orderSn} owed ${owedText(after)}: it is ${standing(await settleByRun(deps, orderSn))} now`
}
