import type { ColumnType, Generated } from 'kysely'
import type { OrderEvent } from '../contracts/event.ts'
import type { FailureDetails } from '../contracts/failure-details.ts'
import type { FailureType } from '../contracts/failures.ts'
import type { Money } from '../contracts/money.ts'
import type { ClosedFor, Line, OrderStatus, StockState } from '../contracts/order.ts'
import type { PaymentOutcome, RefundState } from '../contracts/payment.ts'
import type { ReconciliationSummary } from '../contracts/reconciliation.ts'
import type { AuditedState, AuditVerb } from './audit.ts'

/** The integer by which callers of the gRPC contract name a row; `null` only until `migrate` has come to it. */
type RowId = ColumnType<number | null, number | undefined, number>
type Timestamp = ColumnType<Date, Date | undefined, Date>
type NullableTimestamp = ColumnType<Date | null, Date | null | undefined, Date | null>

/** One row per request, from the intent to the end; never deleted. */
export interface OrdersTable {
  order_sn: string
  id: RowId
  user_id: number
  request_id: string
  fingerprint: string
  status: OrderStatus
  /** State of the stock alone, and the truth about it; `owed` follows from it. */
  stock_state: StockState
  /**
   * Parts, by participant, that the order asked for and holds or may hold until they are given back; for the inventory
   * `stock_state` says it.
   */
  held: ColumnType<Record<string, object>, string | undefined, string>
  /** Names of the participants to whom it is to be given back: those of a closed order. Kept by PostgreSQL (migrations/0005-owed.ts). */
  owed: ColumnType<string[], never, never>
  from_cart: boolean
  /** Lines that are asked for; `null` only if a row was inserted closed, before any line was known. */
  lines: Line[] | null
  /** Total to which the buyer agreed, if they named one. */
  expected_total: ColumnType<Money | null, string | undefined, never>
  address: string | null
  name: string | null
  mobile: string | null
  post: string | null
  /** The four before, sealed by the data key of their user: then those are `null`. */
  sealed: string | null
  /** Subject of the caller who placed it; `null` if nobody was asked who they are, and in rows of before. */
  placed_by: string | null
  workflow_id: string
  /** True if the order's inventory honours the order number. */
  keyed: ColumnType<boolean, boolean | undefined, never>
  /** Time at which the Sell or Reback was sent whose answer is still to be recorded; set only if the order is not keyed. */
  sent_at: NullableTimestamp
  /** Token of whoever set that mark: by it a caller knows its own, if it had no reply. */
  sent_by: string | null
  /** Minor units. */
  total: number | null
  currency: string | null
  pay_deadline: NullableTimestamp
  confirmed_at: NullableTimestamp
  refusal_type: FailureType | null
  refusal_code: number | null
  refusal_message: string | null
  refusal_details: FailureDetails | null
  /** Moments of its moves, which PostgreSQL sets with the status; likewise why it was closed, unless a statement says it. */
  paid_at: NullableTimestamp
  finished_at: NullableTimestamp
  closed_at: NullableTimestamp
  closed_for: ClosedFor | null
  /** Moment at which its owner hid it. */
  deleted_at: NullableTimestamp
  /** Number of its last event, and its place in the feed; PostgreSQL keeps both (migrations/0006-order-life.ts). */
  event_seq: ColumnType<number, never, never>
  event_xact: ColumnType<number, never, never>
  created_at: Timestamp
  updated_at: Timestamp
  /** Number in the service that this one replaces, empty if it had none there; `null` unless the order was imported. */
  imported_sn: ColumnType<string | null, never, never>
  /** Digest of the row as it was imported. */
  imported_as: ColumnType<string | null, never, never>
  /** Way of payment, as it was named there. */
  pay_type: ColumnType<string | null, never, never>
}

/** Every payment that was reported of an order, once. */
export interface PaymentsTable {
  provider: string
  payment_id: string
  order_sn: string
  /** Minor units. */
  amount: number
  currency: string
  /** Moment at which the provider took the money, as it was reported. */
  paid_at: Timestamp
  received_at: Timestamp
  outcome: PaymentOutcome
  refund: RefundState
  refunded_at: NullableTimestamp
  refunded_by: string | null
  refunded_why: string | null
}

/** The outbox: each change of an order once, written by PostgreSQL in the statement that makes it. */
export interface OrderEventsTable {
  id: Generated<number>
  aggregatetype: ColumnType<string, never, never>
  /** The order's number. */
  aggregateid: string
  type: string
  /** CloudEvents 1.0 in JSON. */
  payload: OrderEvent
  /** Number among the events of its order, from 1 on without gaps. */
  seq: number
  /** Transaction that places it in the feed. */
  xact: number
  at: Timestamp
}

/** The place in the feed up to which a consumer of ours has come. */
export interface EventCursorsTable {
  name: string
  xact: number
  id: number
}

/** Events that are to be delivered once more, and those behind them of the same order. */
export interface EventRetriesTable {
  aggregateid: string
  seq: number
  attempts: Generated<number>
  /** Moment of the next attempt; of one behind another of its order it counts only when that one is done. */
  try_at: Timestamp
  /** Moment since which it is tried, or waits behind one that is. */
  since: Timestamp
  given_up_at: NullableTimestamp
  last_error: string | null
}

export interface OrderLinesTable {
  order_sn: string
  id: RowId
  goods_id: number
  name: string
  image: string
  /** Minor units, of one piece. */
  price: number
  num: number
}

export interface CartItemsTable {
  id: RowId
  user_id: number
  goods_id: number
  num: number
  checked: Generated<boolean>
  /** The goods as they were when they were put into the cart; `null` in rows of before that was kept. */
  name: string | null
  image: string | null
  /** Minor units, of one piece; `null` also if the goods had no exact price. */
  price: number | null
  currency: string | null
  at: NullableTimestamp
}

/** Number of edits of each user's cart; no row: none since there are revisions, and no key was made of it. */
export interface CartRevisionsTable {
  user_id: number
  revision: number
}

/** Additions to carts by the key of their caller, kept for a while. */
export interface CartAdditionsTable {
  user_id: number
  key: string
  goods_id: number
  num: number
  at: Timestamp
}

/** Refusals of requests for the cart as it is at a revision (migrations/0012-cart-revision.ts). */
export interface CartRefusalsTable {
  user_id: number
  fingerprint: string
  revision: number
  spent: number
}

/** Append only. */
export interface OrderAuditTable {
  id: Generated<number>
  order_sn: string
  at: Timestamp
  verb: AuditVerb
  by: string
  why: string
  before: ColumnType<AuditedState, string, never>
  after: ColumnType<AuditedState, string, never>
  /** Account that wrote it, by PostgreSQL's word; `null` in entries of before that was kept. */
  role: ColumnType<string | null, never, never>
}

/** The data key of each user whose recipients are sealed; deleted, nobody opens them any more. */
export interface RecipientKeysTable {
  user_id: number
  id: string
  wrapped: Buffer
  /** Id of the key that wrapped it. */
  kek: string
  created_at: Timestamp
}

/** Log of who read or erased recipients, and when. Append only. */
export interface RecipientLogTable {
  id: Generated<number>
  at: Timestamp
  verb: 'read' | 'erase'
  user_id: number
  /** The order whose recipient was read. */
  order_sn: string | null
  by: string
  why: string | null
}

export interface StockBaselinesTable {
  goods_id: number
  /** Pieces in stock, and sold according to the orders, together. */
  pieces: number
  at: Timestamp
}

export interface ReconciliationsTable {
  id: Generated<number>
  at: Timestamp
  summary: ColumnType<ReconciliationSummary, string, never>
}

export interface Schema {
  orders: OrdersTable
  order_lines: OrderLinesTable
  cart_items: CartItemsTable
  cart_revisions: CartRevisionsTable
  cart_additions: CartAdditionsTable
  cart_refusals: CartRefusalsTable
  payments: PaymentsTable
  order_events: OrderEventsTable
  event_cursors: EventCursorsTable
  event_retries: EventRetriesTable
  order_audit: OrderAuditTable
  recipient_keys: RecipientKeysTable
  recipient_log: RecipientLogTable
  stock_baselines: StockBaselinesTable
  reconciliations: ReconciliationsTable
}
