import type { Reconciliation } from '../contracts/reconciliation.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { ReconciliationDeps } from './deps.ts'
import { reconcile } from './reconcile.ts'
import { takeVerdicts } from './take-verdicts.ts'

/** RESOLVE_PROPOSED=auto, as the audit trail names it. */
const NOBODY = { by: 'reconciliation', why: 'RESOLVE_PROPOSED=auto' }

/**
 * Compares all orders with the inventory, settles those in doubt that their stock decides, and compares again if there were any.
 * @throws the error of the party that could not be asked
 */
export async function settleProposed(
  deps: ReconciliationDeps,
  resolveInDoubt: OrderStore['resolveInDoubt'],
): Promise<Reconciliation> {
  const found = await reconcile(deps)
  const taken = await takeVerdicts(resolveInDoubt, found.proposed, NOBODY)
  return taken.some(({ done }) => done) ? await reconcile(deps) : found
}
