import { isExplained, reconcile } from '../reconciliation/reconcile.ts'
import { readBaseline } from '../reconciliation/stock-balance.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import type { Reconciled } from './reconciled.ts'
import { type Repaired, repairFinding } from './repair-finding.ts'

export interface ReconcileOptions {
  apply: boolean
  /** True if sales without an order are given back too; otherwise they are only named. */
  returnUnknown: boolean
  /** The same of those that a run called confirmed. */
  returnAnswered: boolean
}

/**
 * Compares all orders with the inventory. With `apply` every proposed repair is carried out, and all is compared again.
 * @throws the error of the party that could not be asked
 */
export async function reconcileOrders(
  deps: OperatorDeps,
  { apply, returnUnknown, returnAnswered }: ReconcileOptions,
  operator: Operator,
): Promise<Reconciled> {
  const found = await reconcile(deps.reconciliation)
  const asked = {
    'return-unknown': returnUnknown,
    'return-answered': returnAnswered,
    settle: true,
    return: true,
    owe: true,
    sell: true,
  }
  const repairs = found.findings.filter(({ repair }) => repair && asked[repair])
  if (!apply || repairs.length === 0) return { ...found, repaired: [], explained: isExplained(found) }
  const repaired: Repaired[] = []
  for (const finding of repairs) repaired.push(await repairFinding(deps, finding, operator))
  const left = await reconcile(deps.reconciliation)
  return { ...left, repaired, explained: isExplained(left) }
}

/** Vouches for stock and orders as they are now. @returns goods ids taken, and those that orders are moving at this moment */
export async function takeBaseline(
  { reconciliation }: OperatorDeps,
  goodsIds: readonly number[],
): Promise<{ taken: number[]; moving: number[] }> {
  const { baselines, moving } = await readBaseline(reconciliation, goodsIds)
  await reconciliation.store.putBaselines(baselines)
  return { taken: baselines.map(({ goodsId }) => goodsId), moving }
}
