import { Context } from '@temporalio/activity'
import type { ReconciliationActivities } from '../contracts/activities.ts'
import type { ReconciliationSummary } from '../contracts/reconciliation.ts'

/** @param reconcile compares all orders; calls `beat` as it goes on, and ends with what that throws */
export function reconciliationActivities(
  reconcile: (beat: () => void) => Promise<ReconciliationSummary>,
): ReconciliationActivities {
  return {
    /** Compares every order with the inventory, and records what it came to. Reads only, but under RESOLVE_PROPOSED=auto. */
    async compareWithInventory(): Promise<ReconciliationSummary> {
      const { cancellationSignal, heartbeat } = Context.current()
      const { orders, unexplained, orderSns } = await reconcile(() => {
        cancellationSignal.throwIfAborted()
        heartbeat()
      })
      return { orders, unexplained, orderSns }
    },
  }
}
