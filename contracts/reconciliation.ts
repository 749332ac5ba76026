import type { Line } from './order.ts'

/** Everything that orders and inventory can disagree about, and what each means. */
export const MISMATCHES = {
  'closed-but-sold': 'the order is closed, and the inventory still holds its stock as sold',
  'reback-overdue': 'the order is closed, a Reback is owed, and no run is at it',
  'no-tombstone': 'the order is closed and given back, and the inventory never heard of it: a late Sell would take stock',
  'never-sold': 'the order stands, and the inventory never sold its stock',
  'given-back': 'the order stands, and the inventory took its stock back',
  'other-lines': 'order and inventory name different goods or pieces',
  abandoned: 'the order is CREATING, and no run is at it',
  'waits-for-mode': 'the order was opened under the other INVENTORY_MODE, and no worker under it has settled it',
  'returned-by-number': 'the order was sold without its number and given back by it, which gave nothing back',
  'answered-confirmed': 'a run that has ended calls the order confirmed, and the store does not: it was set back',
  'answered-without-order': 'a run that has ended calls the order confirmed, and the store does not have it: it was set back',
  unaskable: 'it could not be looked at: Temporal was not able to say whether a run is at it, or the inventory what it holds',
  'in-doubt': 'nobody knows whether the inventory sold or took back these pieces',
  'sale-without-order': 'the inventory sold to an order that the store does not have',
  'stock-drift': 'stock and orders together are not what they were at the baseline',
} as const satisfies Record<string, string>

export type MismatchKind = keyof typeof MISMATCHES

/**
 * Repair of a mismatch that needs nobody's decision.
 * - `settle`: a settleOrder run closes the order unless it is confirmed, and gives its stock back
 * - `return`: Reback of a closed order; once, by its number
 * - `owe`: notes that a closed order owes its Reback after all; a worker under INVENTORY_MODE=unkeyed sends it, once
 * - `sell`: Sell of an order that stands; once, by its number
 * - `return-unknown`: Reback of a sale without an order; only when asked for, somebody else may have sold it
 * - `return-answered`: the same of one that a caller may have been answered is confirmed; only when asked for
 */
export const REPAIR_VERBS = ['settle', 'return', 'owe', 'sell', 'return-unknown', 'return-answered'] as const
export type RepairVerb = (typeof REPAIR_VERBS)[number]

/** Reasons for which the stock does not say what became of an order in doubt, and what each means. */
export const UNDECIDED = {
  young: 'a call about its goods was sent a moment ago, and may still be applied',
  'no-baseline': 'no baseline of its goods was taken',
  'in-flight': 'orders were moving its goods at every look',
  ambiguous: 'more than one choice among the orders in doubt explains the stock of its goods',
  moved: 'no choice among the orders in doubt explains the stock of its goods: somebody else moved them',
  'too-many': 'too many orders in doubt share its goods',
  'other-finding': 'another finding concerns its goods',
  unaskable: 'the inventory could not say the stock of its goods',
  'keeps-ledger': 'the inventory keeps a ledger by now, and its stock was not looked at',
} as const satisfies Record<string, string>

export type UndecidedWhy = keyof typeof UNDECIDED

/** Finding about the stock of an order in doubt: whether the inventory still counts its pieces as sold. */
export type StockVerdict = 'sold' | 'notSold'

/** The pieces of one goods while nothing moves it: `missing = baseline - stock - sold` are those that the orders in doubt hold. */
export interface DoubtedGoods {
  goodsId: number
  baseline: number
  stock: number
  /** Pieces sold by orders that stand. */
  sold: number
  missing: number
  /** Orders in doubt that name the goods, at most 20 of them. */
  inDoubt: { orderSn: string; num: number }[]
}

/** A verdict about an order in doubt that follows from the stock of its goods. */
export interface ProposedVerdict {
  orderSn: string
  /** Call that is in doubt. */
  effect: 'Sell' | 'Reback'
  verdict: StockVerdict
  /** State of the order's row for which this holds: it changes with every change of it. */
  version: string
  /** Goods of the order whose stock says so; others of its goods may prove nothing. */
  evidence: DoubtedGoods[]
}

/** An order in doubt that the stock does not decide. */
export interface UndecidedDoubt {
  orderSn: string
  effect: 'Sell' | 'Reback'
  why: UndecidedWhy
  /** Goods of the order of which that is so. */
  goodsIds: number[]
}

/** Verdicts about orders in doubt, and those that have none, in the order of their numbers. */
export interface DoubtsFound {
  proposed: ProposedVerdict[]
  undecided: UndecidedDoubt[]
}

/** One disagreement. */
export interface Finding {
  kind: MismatchKind
  /** Absent if no single order is to blame. */
  orderSn?: string
  /**
   * Per goods, the pieces that the inventory took beyond what the orders account for; below 0: that it took too few. Of `stock-drift` the
   * drift itself: the pieces that are in stock and should not be; below 0: that are missing.
   */
  units: Line[]
  /** Absent if a person has to decide. */
  repair?: RepairVerb
  /** Advice to a person, if there is no repair. */
  advice?: string
}

/**
 * The pieces of one goods: `ledger = sold + onTheWay + unexplained`, and with a baseline
 * `stock + ledger = baseline + drift`. In unkeyed mode there is no ledger per order, and the drift is all that is known.
 */
export interface Equation {
  goodsId: number
  /** Pieces sold by orders that stand. */
  sold: number
  /** Taken by orders that a run is settling at this moment; unkeyed: that such orders may have taken. */
  onTheWay: number
  /** Sold and not given back, by the inventory's ledger; `null`: it keeps none. */
  ledger: number | null
  /** The rest; without a ledger, the pieces of the findings that name an order. */
  unexplained: number
  /** Pieces in stock, asked for only if there is a baseline. */
  stock?: number
  baseline?: number
  drift?: number
}

/** Summary of a reconciliation: result of the workflow, and source of the gauges. */
export interface ReconciliationSummary {
  /** Orders that were compared. */
  orders: number
  /** Pieces, without their signs, and findings of each kind. */
  unexplained: Record<MismatchKind, { units: number; findings: number }>
  /** Some of the orders concerned, at most 20. */
  orderSns: string[]
  /** Orders in doubt: those that the stock decides, and those that it does not. Absent in summaries of before. */
  doubts?: { proposed: number; undecided: Partial<Record<UndecidedWhy, number>> }
  /** ISO 8601: the runs that ended before then need not be looked through again for orders that have no row. */
  lookedUpTo?: string
}

export interface Reconciliation extends ReconciliationSummary, DoubtsFound {
  mode: 'keyed' | 'unkeyed'
  /** Terms of the equation for each goods, in goods-id order. */
  equations: Equation[]
  /**
   * Findings in the order of the order numbers, those of goods at the end; at most 1,000, and all are counted in `unexplained`.
   */
  findings: Finding[]
}
