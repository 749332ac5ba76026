import type { Money } from './money.ts'
import type { Line, OrderLine, OrderStatus } from './order.ts'

/** Task queue of every workflow and activity here; `TASK_QUEUE` overrides it. */
export const TASK_QUEUE = 'orders'

/** Workflow types, as they stand in histories: renaming one breaks running workflows. */
export const WORKFLOW_TYPES = {
  createOrder: 'createOrder',
  createOrders: 'createOrders',
  settleOrder: 'settleOrder',
  sweepOrders: 'sweepOrders',
  reconcileStock: 'reconcileStock',
} as const

/** Query: where the saga stands. */
export const PROGRESS_QUERY = 'progress'

/** Input of `createOrder`. */
export interface CreateOrderInput {
  userId: number
  address: string
  /** Of the recipient. */
  name: string
  /** Of the recipient. */
  mobile: string
  /** Note to the seller. */
  post?: string
  /** Idempotency key, unique per user for ever. @default one made from the first run id of the workflow */
  requestId?: string
  /** @default the user's checked cart rows */
  lines?: Line[]
}

/** A checked input: texts within their limits, equal goods merged in goods-id order, the request named. */
export interface OrderRequest extends CreateOrderInput {
  requestId: string
}

/** Result of `createOrder`: what the store holds, never a computed answer. */
export interface CreateOrderResult {
  orderSn: string
  status: OrderStatus
  total: Money
  /** ISO 8601, UTC. */
  payDeadline: string
  lines: OrderLine[]
}

/** What names a request, and with it its order. */
export interface RequestKey {
  userId: number
  requestId: string
}

/** Workflow Id by which our own starters make equal requests meet in one run. */
export function createOrderWorkflowId({ userId, requestId }: RequestKey): string {
  return `create-order/${userId}/${requestId}`
}

/** Workflow Id under which an order is settled whose own run left it. */
export function settleOrderWorkflowId(orderSn: string): string {
  return `settle-order/${orderSn}`
}

/** Workflow Id under which it is settled while a run that does not get on occupies the other one. */
export function settleBesideWorkflowId(orderSn: string): string {
  return `settle-order/${orderSn}/beside`
}

/** Steps of `createOrder`, in their order; `settled` is the end of a compensation. */
export type SagaStep =
  | 'openOrder'
  | 'getUser and batchGetGoods'
  | 'sell'
  | 'confirmOrder'
  | 'voidOrder'
  | 'reback'
  | 'confirmed'
  | 'settled'

/** Answer of the query `progress`. */
export interface Progress {
  step: SagaStep
  /** Known once openOrder is done. */
  orderSn?: string
  /** Distinct goods; known once openOrder is done. */
  lines?: number
  /** What the compensation undid so far, in its order. */
  undone: string[]
  /** Type of the failure that is being compensated. */
  failure?: string
}
