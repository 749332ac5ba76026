import type { CreateOrderResult, OrderRequest } from './create-order.ts'
import type { DoStep, DoStepOfBatch, UndoStep, UndoStepOfBatch } from './participants/list.ts'
import type { ReconciliationSummary } from './reconciliation.ts'
import type {
  ArchiveRound,
  Attempt,
  Confirmation,
  EventRound,
  GoodsSnapshot,
  Opening,
  Preparation,
  Sale,
  Voided,
  VoidOrder,
} from './steps.ts'

/**
 * The activities of the task queue, by the names that stand in histories: renaming one breaks running workflows. Workflows call
 * them by this interface, and load no code of theirs; activities/create-activities.ts provides them. Each may be attempted more than
 * once. What each throws stands at its implementation; an argument that is not valid is refused as InvalidInput.
 */
export interface Activities extends ParticipantActivities {
  openOrder: (request: OrderRequest) => Promise<Opening>
  /** @param orderSn for whom, in the log and the traces; likewise of batchGetGoods */
  getUser: (userId: number, orderSn?: string) => Promise<void>
  batchGetGoods: (ids: number[], orderSn?: string) => Promise<GoodsSnapshot[]>
  confirmOrder: (confirmation: Confirmation) => Promise<CreateOrderResult>
  voidOrder: (order: VoidOrder) => Promise<Voided>

  /** The first step of the lane; one answer for each order of the batch, in their order, as of those below. */
  prepareOrders: (requests: OrderRequest[], isSecondRound?: boolean) => Promise<Preparation>
  /** Answers `null` for an order that is not confirmed. */
  confirmOrders: (confirmations: Confirmation[]) => Promise<(CreateOrderResult | null)[]>
  voidOrders: (orders: VoidOrder[]) => Promise<Voided[]>
  /**
   * Answers the Workflow Ids of the runs that it started, in their order. Those of builds of before answered nothing.
   * @param budgetEndsAt ISO 8601 (BUDGET_MEMO)
   */
  handOverOrders: (requests: OrderRequest[], budgetEndsAt: string) => Promise<string[] | undefined>

  findAbandonedOrders: () => Promise<string[]>
  startSettling: (orderSns: string[]) => Promise<void>

  /** Closes orders whose payment is overdue. Answers the numbers of those that it closed. */
  closeDue: () => Promise<string[]>
  /** Answers the numbers of orders that were closed after they had been confirmed, and still owe what they took. */
  findReturning: () => Promise<string[]>
}

/** The activities of each participant, for one order and for a batch. */
export type ParticipantActivities = Record<DoStep | UndoStep, (sale: Sale) => Promise<void>> &
  Record<DoStepOfBatch, (sales: Sale[]) => Promise<Attempt[]>> &
  /** Answers the numbers of the orders that owe the participant nothing any more. */
  Record<UndoStepOfBatch, (sales: Sale[]) => Promise<string[]>>

/** The activity of the reconciliation; activities/reconciliation.ts provides it. */
export interface ReconciliationActivities {
  compareWithInventory: () => Promise<ReconciliationSummary>
}

/** The activity that brings out the events; activities/deliver-events.ts provides it. */
export interface EventActivities {
  deliverEventRound: () => Promise<EventRound>
}

/** The activity that moves old orders out of the way; activities/archive-orders.ts provides it. */
export interface ArchiveActivities {
  archiveRound: () => Promise<ArchiveRound>
}
