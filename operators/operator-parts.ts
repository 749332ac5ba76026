import type { Client } from '@temporalio/client'
import type { InventoryClient } from '../clients/inventory-client.ts'
import type { ReconciliationParts } from '../reconciliation/parts.ts'
import type { Database } from '../store/database.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { ReconciliationStore } from '../store/reconciliation-store.ts'

/** What the verbs work with; the composition root (operators/main.ts) joins it. */
export interface OperatorParts {
  db: Database
  orders: OrderStore
  client: Client
  taskQueue: string
  inventory: Pick<InventoryClient, 'sell' | 'reback'>
  reconciliation: ReconciliationParts & { store: ReconciliationStore }
  /** Age from which an unsettled order counts as stuck, in milliseconds: that of the sweep. */
  stuckAfterMs: number
  /** The web UI's page of a run, where there is a web UI. */
  runUrl?: (workflowId: string) => string
}

/** Who does something, and why: for the audit trail. */
export interface Operator {
  by: string
  why: string
}
