import type { CreateOrderResult, RequestKey } from '../contracts/create-order.ts'
import type { Failure } from '../contracts/failures.ts'
import type { Money } from '../contracts/money.ts'
import type { ClosedFor, Line, OrderLine, OrderStatus, StockState } from '../contracts/order.ts'

/** An order as the store holds it, without the personal data. */
export interface StoredOrder extends RequestKey {
  orderSn: string
  /** The integer by which callers of the gRPC contract name it; absent only until `migrate` has come to it. */
  id?: number
  fingerprint: string
  status: OrderStatus
  stockState: StockState
  /** Names of the participants to whom it owes what it may hold of them (contracts/participants/). */
  owed: string[]
  /** True if the order's inventory honours the order number. */
  keyed: boolean
  /** Subject of the caller who placed it, if callers were known. */
  placedBy?: string
  /** The run that opened it. */
  workflowId: string
  /** Present from the confirmation on, whatever becomes of the order later. */
  total?: Money
  /** ISO 8601, UTC; present from the confirmation on. */
  payDeadline?: string
  /** Confirmed lines in goods-id order; empty until the confirmation. */
  lines: OrderLine[]
  /** Moments of its moves, ISO 8601, UTC. */
  paidAt?: string
  finishedAt?: string
  closedAt?: string
  /** Reason for which it was closed; absent of orders that were closed before there were reasons. */
  closedFor?: ClosedFor
  /** Moment at which its owner hid it, ISO 8601, UTC. */
  deletedAt?: string
  /** Reason for which the order was closed before it was confirmed. */
  refusal?: Failure
  /** Total to which the buyer agreed, if they named one. */
  expectedTotal?: Money
  /** Lines that were to be sold or given back, if nobody knows whether they were. */
  inDoubt?: Line[]
  /** Number in the service that this one replaces, empty if it had none there; present only of an imported order. */
  importedSn?: string
  /** ISO 8601, UTC. */
  createdAt: string
}

/** A stored order that was confirmed at some time. */
export type ConfirmedOrder = StoredOrder & Required<Pick<StoredOrder, 'total' | 'payDeadline'>>

export function isConfirmed(order: StoredOrder): order is ConfirmedOrder {
  return order.total !== undefined
}

/** Reports whether nothing is left to do for an order. */
export function isSettled({ status, stockState, owed }: Pick<StoredOrder, 'status' | 'stockState' | 'owed'>): boolean {
  return status !== 'CREATING' && owed.length === 0 && stockState !== 'in_doubt'
}

/** The answer to whoever created it. */
export function asResult({ orderSn, id, status, total, payDeadline, lines }: ConfirmedOrder): CreateOrderResult {
  return { orderSn, ...(id !== undefined && { id }), status, total, payDeadline, lines }
}
