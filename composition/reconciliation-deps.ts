import type { InventoryClient } from '../clients/inventory-client.ts'
import type { OperatorConfig } from '../config/config.ts'
import { RECONCILIATION_STATEMENT_MS } from '../contracts/time-budget.ts'
import type { ReconciliationDeps } from '../reconciliation/deps.ts'
import { inventoryDeps } from '../reconciliation/inventory-deps.ts'
import { connectDatabase, type Database } from '../store/database.ts'
import { type ReconciliationStore, reconciliationStore } from '../store/reconciliation-store.ts'
import { answerGiven } from '../temporal/answer-given.ts'
import { attendanceOf } from '../temporal/attendance.ts'
import type { RunClient } from '../temporal/describe-run.ts'
import { ordersOfEndedRuns } from '../temporal/ended-runs.ts'

interface Parties {
  config: Pick<OperatorConfig, 'databaseUrl' | 'inventoryMode' | 'sweepAfterMs' | 'taskQueue'>
  inventory: Pick<InventoryClient, 'listSales' | 'getSale' | 'getStock'>
  client: RunClient
  onError?: (error: Error) => void
}

/** Parts of a reconciliation, for the worker and for operators alike. The caller destroys `db`. */
export function reconciliationDeps({ config, inventory, client, onError }: Parties): ReconciliationDeps & {
  store: ReconciliationStore
  db: Database
} {
  const db = connectDatabase(config.databaseUrl, {
    max: 2,
    statementTimeoutMs: RECONCILIATION_STATEMENT_MS,
    ...(onError && { onError }),
  })
  return {
    db,
    store: reconciliationStore(db),
    ...inventoryDeps(inventory, config.inventoryMode === 'keyed'),
    async attendanceOf(order) {
      return order.idleMs < config.sweepAfterMs ? { kind: 'attended' } : await attendanceOf(client, order)
    },
    answerGiven: (orderSn) => answerGiven(client, orderSn, []),
    ordersOfEndedRuns: (since) => ordersOfEndedRuns(client, config.taskQueue, since),
  }
}
