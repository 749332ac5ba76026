import type { GoodsClient } from '../clients/goods-client.ts'
import type { InventoryClient } from '../clients/inventory-client.ts'
import type { UserClient } from '../clients/user-client.ts'
import type { Answer, Attendance, SoughtOrder } from '../contracts/attendance.ts'
import type { CreateOrderResult, OrderRequest } from '../contracts/create-order.ts'
import type { Failure } from '../contracts/failures.ts'
import type { OrderEvents } from '../contracts/order-events.ts'
import type { Services } from '../contracts/participants/list.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { Pace } from './lane-pace.ts'

/** Parts with which the activities work; composition/order-worker.ts joins them. */
export interface Deps extends Partial<OrderEvents>, Services {
  goods: Pick<GoodsClient, 'batchGetGoods'>
  inventory: Services['inventory'] &
    Pick<InventoryClient, 'sellUnkeyed' | 'rebackUnkeyed'> &
    Partial<Pick<InventoryClient, 'getStock'>>
  users: Pick<UserClient, 'getUserById'>
  orders: Pick<
    OrderStore,
    | 'openOrders'
    | 'isOf'
    | 'confirmOrders'
    | 'voidOrders'
    | 'stockClaims'
    | 'markReturned'
    | 'markReturnedSparing'
    | 'findUnsettled'
    | 'getOrder'
    | 'getOrders'
    | 'closeDueSparing'
    | 'forgetRecipients'
    | 'findReturning'
  >
  /** Stands in for the keys of an inventory that has none: its presence is INVENTORY_MODE=unkeyed. */
  unkeyed?: Pick<OrderStore, 'markSent' | 'markAllSent' | 'recordAnswers' | 'noteEvidence' | 'doubtReback'>
  /** Time for which whoever sent a Sell without a key may wait for its answer, in milliseconds: nobody doubts it before. @default 10 s */
  underWayMs?: number
  /** ISO 4217 code of the goods service's prices. */
  currency: string
  /** True if a refusal for want of stock reports how many pieces there are. @default false: the shop decides who may know */
  showStockLeft?: boolean
  /** True if goods with the price 0 are sold for nothing. @default false: proto3 sends the same for a price that is absent */
  freeGoods?: boolean
  /** Starts a createOrder for an order that a batch hands over. Resolves when Temporal holds a run of its name, this or an earlier one. */
  startOwnRun: (request: OrderRequest, by: { taskQueue: string; budgetEndsAt: string }) => Promise<void>
  /** Starts a settleOrder for an order that no run attends to. Resolves when Temporal holds one that gets on, this or an earlier one. */
  startSettling: (orderSn: string, taskQueue: string) => Promise<void>
  /** Asks how the runs of an order attend to it. */
  attendanceOf: (order: SoughtOrder) => Promise<Attendance>
  /** Asks what a run that has ended returned for an order that it calls confirmed. */
  answerGiven: (order: SoughtOrder) => Promise<Answer | undefined>
  /** Time until the payment of an order is due, from its confirmation on, in milliseconds. @default 30 minutes */
  payWithinMs?: number
  /** Time after its deadline at which an unpaid order is closed, in milliseconds. @default 2 minutes */
  payGraceMs?: number
  /** Time after its end for which an order names its recipient, in milliseconds. @default 90 days */
  recipientsKeepMs?: number
  /** Age at which an unsettled order is one for the sweep, in milliseconds; must exceed the order's budget. */
  sweepAfterMs: number
  /** Time that the express lane waits for calls: an order whose call is late is handed over. @default what calls really take */
  lanePace?: Pace
  /**
   * Called with an order as soon as PostgreSQL holds it confirmed, and with the Workflow Execution that asked for it: an intake
   * in the same process can answer its caller.
   */
  onConfirmed?: (order: CreateOrderResult, workflowId: string) => void
  /**
   * Called with the refusal of an order that is closed and owes nothing any more, and with the Workflow Execution that undid it, before
   * that one has ended.
   */
  onRefused?: (order: { orderSn: string; refusal: Failure }, workflowId: string) => void
  /**
   * Receives the orders that are open and lack an answer about user or goods, and the Workflow Execution that tries them again:
   * an intake in the same process lets others leave meanwhile.
   */
  onUnanswered?: (orderSns: string[], workflowId: string) => void
  /** Goods asked for in one call to a service. */
  onBatch?: (service: string, operation: string, size: number) => void
}
