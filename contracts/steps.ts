import type { CreateOrderResult, OrderRequest } from './create-order.ts'
import type { HandOverReason } from './create-orders.ts'
import type { Failure } from './failures.ts'
import type { Money } from './money.ts'
import type { Line, OrderLine, OrderSn } from './order.ts'

/**
 * Arguments and results of the activities, as histories hold them. A worker replays histories that an older version wrote, and a run
 * that began before an upgrade goes on behind it: add optional members; never rename, remove or give one another meaning.
 * The steps themselves: contracts/activities.ts.
 */

/** The result of openOrder: what it found or did. */
export type Opening =
  /** The order is CREATING: by this call, or by an earlier attempt that may have sold already. */
  | {
      state: 'open'
      orderSn: OrderSn
      lines: Line[]
      /** Minor units to which it may come, lest its user hold more unpaid than USER_MAX_UNPAID_VALUE; absent if there is no such cap. */
      mayCost?: number
      /** True if this very call inserted the row. */
      inserted?: boolean
      /** Id of the run that opened it, unless this call inserted it. */
      openedBy?: string
    }
  /** The request was made before, and this is its answer. */
  | { state: 'confirmed'; order: CreateOrderResult }

/** The answer of prepareOrders about one order of a batch: what it found or did. */
export type BatchOpening =
  /** This very call inserted it, or, in a second round, this very run: nobody else is at it. */
  | { state: 'open'; orderSn: OrderSn; lines: Line[]; mayCost?: number }
  | { state: 'confirmed'; order: CreateOrderResult }
  /** Closed, and nothing is owed: the answer is final. */
  | { state: 'refused'; refusal: Failure }
  /** An order that only a saga with retries can settle: an earlier attempt may have sold, or a Reback is owed. */
  | { state: 'doubtful'; why: string; reason?: HandOverReason }

/** The result of batchGetGoods, of each goods: what an order needs to know of it. */
export interface GoodsSnapshot {
  goodsId: number
  /** Name of the goods, at most its first 1,000 bytes (contracts/limits.ts). */
  name: string
  /** Empty if its address is longer than 1,000 bytes. */
  image: string
  onSale: boolean
  /** Absent if the service's float does not say one amount (contracts/money.ts), or says 0 and that is not sold. */
  price?: Money
  /** True if the price is 0. */
  free?: boolean
  /** Pieces in stock; known only of some goods of orders that are refused anyway (activities/stock-left.ts). */
  left?: number
}

/** Goods of a batch of orders: those that were asked for in vain are neither there nor known to be missing. */
export interface GoodsOfBatch {
  goods: GoodsSnapshot[]
  unknown: number[]
}

/** The result of prepareOrders: what must be known of a batch before anything is sold. */
export interface Preparation extends GoodsOfBatch {
  /** One for each request, in their order; likewise the users. */
  openings: BatchOpening[]
  users: Attempt[]
  /** The steps behind it that a head start has made as well, in their order: the run need not make them. Absent without one. */
  ahead?: StepAhead[]
}

/** A step that was made before the run came to it. */
export interface StepAhead {
  step: string
  /** Milliseconds that it took. */
  ms: number
  /** Result of the activity of this name. */
  answer: unknown
}

/** Outcome of one quick attempt for one order of a batch: `unknown` may have taken effect, or may still. */
export type Attempt<T = true> = { done: T } | { refused: Failure } | { unknown: string }

/** Argument of Sell and Reback: the order number is the key under which the inventory takes each of them once. */
export interface Sale {
  orderSn: OrderSn
  /** Equal goods merged. Sell refuses others than the row's; Reback goes by the row's, whatever stands here. */
  lines: Line[]
}

/** An order to confirm, with its lines as they were sold. */
export interface Confirmation {
  orderSn: OrderSn
  lines: OrderLine[]
}

/** An order to void: by its request, or by its number if nobody knows the request any more. */
export type VoidOrder = ({ request: OrderRequest } | { orderSn: OrderSn }) & {
  /** Reason of the refusal; kept as the answer to every repeat of the request. */
  refusal: Failure
  /**
   * True if the run that asks opened the order, or the batch that handed it over: then no run that has ended can have called it
   * confirmed.
   */
  isOwn?: boolean
}

/**
 * Finding or deed of a void.
 * - `CLOSED_NOW`: the order was CREATING; now it is closed, and whoever still wants to confirm it can't
 * - `ALREADY_CLOSED`: somebody else closed it
 * - `DOUBTED_NOW`: the order was CREATING, and its Sell was sent and not answered; now it is in doubt, for an operator to settle
 * - `IN_DOUBT`: it was already
 * - `CONFIRMED`: too late, the order stands
 * - `ABSENT`: there was no row; if a request was given, a closed one is there now
 * - `FOREIGN`: the key belongs to another request; nothing was changed
 * - `OTHER_MODE`: the order is CREATING, and was opened under the other mode; nothing was changed
 * - `UNDER_WAY`: the order is CREATING, and its Sell was sent so lately that it may be answered yet; nothing was changed
 */
export type VoidOutcome =
  | 'CLOSED_NOW'
  | 'ALREADY_CLOSED'
  | 'DOUBTED_NOW'
  | 'IN_DOUBT'
  | 'CONFIRMED'
  | 'ABSENT'
  | 'FOREIGN'
  | 'OTHER_MODE'
  | 'UNDER_WAY'

/** The result of voidOrder: its judgement. */
export interface Voided {
  orderSn: OrderSn
  outcome: VoidOutcome
  /** CONFIRMED: the order stands, or stood until the shop closed it; left out by voidOrders if it is too large for a batch. */
  order?: CreateOrderResult
  /** Otherwise: why the store holds it closed. */
  refusal?: Failure
  /** Names of the participants to whom the order owes what it may hold of them; absent if there are none, and in answers of before there were several. */
  owed?: string[]
  /** True if the inventory is one of them. */
  rebackOwed: boolean
  /** Lines that were asked for, and may have been sold. */
  lines: Line[]
}

/** The result of deliverEventRound, and of a run of deliverEvents. */
export interface EventRound {
  delivered: number
  failed: number
  /** Number of old events that were removed. */
  removed: number
  /** True if another round has something to do at once. */
  more: boolean
}

/** The result of archiveRound, and of a run of archiveOrders. */
export interface ArchiveRound {
  /** Number of orders that were moved into the archive. */
  archived: number
  /** True if another round has something to do at once. */
  more: boolean
}
