import type { Client } from '@temporalio/client'
import type { InventoryClient } from '../clients/inventory-client.ts'
import type { Money } from '../contracts/money.ts'
import type { Line, OrderLine } from '../contracts/order.ts'
import type { KeyWrapping } from '../recipients/key-wrapping.ts'
import type { Recipients } from '../recipients/recipients.ts'
import type { ReconciliationDeps } from '../reconciliation/deps.ts'
import type { EventStore } from '../store/events/event-store.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { RecipientStore } from '../store/recipients/recipient-store.ts'
import type { ReconciliationStore } from '../store/reconciliation-store.ts'

/** Parts with which the verbs work; the composition root (operators/main.ts) joins them. */
export interface OperatorDeps {
  orders: OrderStore
  events: EventStore
  recipients: RecipientStore
  /** Wraps the keys of recipients; absent if there are no keys for it. */
  keyWrapping?: KeyWrapping | undefined
  /** Seals recipients; absent likewise. */
  sealing?: Pick<Recipients, 'sealFor'> | undefined
  client: Client
  taskQueue: string
  inventory: Pick<InventoryClient, 'sell' | 'reback'>
  reconciliation: ReconciliationDeps & { store: ReconciliationStore }
  /** Prices lines as an order of this moment would be. @throws the failure of an order that can't be, PriceChanged among them */
  priceToday: (lines: readonly Line[], expectedTotal?: Money) => Promise<OrderLine[]>
  /** Time until the payment of an order that is kept is due, in milliseconds. */
  payWithinMs: number
  /** Age from which an unsettled order counts as stuck, in milliseconds: that of the sweep. */
  stuckAfterMs: number
  /** The web UI's page of a run, if there is a web UI. */
  runUrl?: (workflowId: string) => string
}

/** Person who does something, and the reason, for the audit trail. */
export interface Operator {
  by: string
  why: string
}
