import { reconcile } from '../reconciliation/reconcile.ts'
import { takeVerdicts } from '../reconciliation/take-verdicts.ts'
import { startSettling } from '../temporal/start-settling.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import type { ResolvedProposed } from './reconciled.ts'
import { Refused } from './refused.ts'
import { requireOrder, standing } from './require-order.ts'

/**
 * Compares all orders with the inventory and settles those in doubt that their stock decides: all of them, or one.
 * @param apply without it nothing is changed
 * @throws Refused if the one is not in doubt; the error of the party that could not be asked
 */
export async function resolveProposed(
  deps: OperatorDeps,
  { apply, orderSn }: { apply: boolean; orderSn?: string | undefined },
  operator: Operator,
): Promise<ResolvedProposed> {
  if (orderSn !== undefined) {
    const order = await requireOrder(deps, orderSn)
    if (order.stockState !== 'in_doubt') throw new Refused(`order ${orderSn} is not in doubt (${standing(order)})`)
  }
  const isAsked = (one: { orderSn: string }) => orderSn === undefined || one.orderSn === orderSn
  const found = await reconcile(deps.reconciliation)
  const [proposed, undecided] = [found.proposed.filter(isAsked), found.undecided.filter(isAsked)]
  if (!apply) return { applied: false, verdicts: proposed.map((one) => ({ ...one, done: false })), undecided }
  const verdicts = await takeVerdicts(deps.orders.resolveInDoubt, proposed, operator)
  for (const { orderSn, verdict, done } of verdicts) {
    // What is owed is given back at once; if Temporal is away, the sweep does so later.
    if (done && verdict === 'sold') await startSettling(deps.client, orderSn, deps.taskQueue).catch(() => {})
  }
  return { applied: true, verdicts, undecided }
}
