import { setCurrentDetails } from '@temporalio/workflow'
import type { ReconciliationSummary } from '../contracts/reconciliation.ts'
import { compareWithInventory } from './steps.ts'

/**
 * Started by a Schedule (composition/register.ts): compares every order with the inventory, and changes nothing, but settles orders in doubt
 * under RESOLVE_PROPOSED=auto. What it found is shown by the gauges and by `npm run orders -- reconcile`, which also repairs.
 */
export async function reconcileStock(): Promise<ReconciliationSummary> {
  const summary = await compareWithInventory()
  const found = Object.entries(summary.unexplained).filter(([, { findings }]) => findings > 0)
  const rows = found.map(([kind, { findings, units }]) => `| ${kind} | ${findings} | ${units} |`)
  setCurrentDetails(
    rows.length === 0
      ? `${summary.orders} orders: all explained`
      : ['| unexplained | findings | pieces |', '|---|---|---|', ...rows].join('\n'),
  )
  return summary
}
