import type { CreateOrderResult, OrderRequest } from './create-order.ts'
import type { ReconciliationSummary } from './reconciliation.ts'
import type { Attempt, Confirmation, GoodsSnapshot, Opening, Preparation, Sale, Voided, VoidOrder } from './steps.ts'

/**
 * The activities of the task queue, by the names that stand in histories: renaming one breaks running workflows. Workflows call
 * them by this interface, and load no code of theirs; activities/create-activities.ts provides them. Each may be attempted more than
 * once. What each throws stands at its implementation; an argument that is not valid is refused as InvalidInput.
 */
export interface Activities {
  openOrder: (request: OrderRequest) => Promise<Opening>
  /** @param orderSn for whom, in the log and the traces; likewise of batchGetGoods */
  getUser: (userId: number, orderSn?: string) => Promise<void>
  batchGetGoods: (ids: number[], orderSn?: string) => Promise<GoodsSnapshot[]>
  sell: (sale: Sale) => Promise<void>
  confirmOrder: (confirmation: Confirmation) => Promise<CreateOrderResult>
  voidOrder: (order: VoidOrder) => Promise<Voided>
  reback: (sale: Sale) => Promise<void>

  /** The first step of the lane; one answer for each order of the batch, in their order, as of those below. */
  prepareOrders: (requests: OrderRequest[], isSecondRound?: boolean) => Promise<Preparation>
  sellOrders: (sales: Sale[]) => Promise<Attempt[]>
  /** Answers `null` for an order that is not confirmed. */
  confirmOrders: (confirmations: Confirmation[]) => Promise<(CreateOrderResult | null)[]>
  voidOrders: (orders: VoidOrder[]) => Promise<Voided[]>
  /** Answers the numbers of the orders that owe nothing any more. */
  rebackOrders: (sales: Sale[]) => Promise<string[]>

  findAbandonedOrders: () => Promise<string[]>
}

/** The activity of the reconciliation; activities/reconciliation.ts provides it. */
export interface ReconciliationActivities {
  compareWithInventory: () => Promise<ReconciliationSummary>
}
