import type { Attendance } from '../contracts/attendance.ts'
import { type Line, type OrderStatus, STANDING_STATUSES } from '../contracts/order.ts'
import type { MismatchKind, RepairVerb } from '../contracts/reconciliation.ts'
import { WAITS_AFTER_MS } from '../contracts/time-budget.ts'
import type { Holding } from '../store/reconciliation-store.ts'

/** Entry of the inventory's ledger for one order number. */
export interface LedgerEntry {
  state: 'NONE' | 'SOLD' | 'RETURNED'
  lines: Line[]
}

/** One order, of the store, of the ledger, or of both. */
export interface Pair {
  orderSn: string
  /** Absent: the store has no such order. */
  holding?: Holding
  /** Absent: its inventory keeps no ledger. */
  entry?: LedgerEntry
}

/** Terms that one order adds to the equation of each of its goods, and what is wrong with the order. */
export interface Judgement {
  /** Pieces sold by an order that stands. */
  sold: Line[]
  /** Taken, or perhaps taken, by an order that a run is settling. */
  onTheWay: Line[]
  /** Pieces according to the ledger. */
  ledger: Line[]
  mismatch?: { kind: MismatchKind; repair?: RepairVerb; advice?: string; units: Line[] }
}

const STANDING = new Set<OrderStatus>(STANDING_STATUSES)

/** State of an unsettled order according to its runs. */
export type Attended = Attendance['kind'] | 'settled'

/**
 * Compares one order of the store with its entry in the ledger. The store has to be read before the ledger: the saga
 * sells before it confirms and closes before it gives back, so a later ledger can only be ahead.
 * @param attended of an order that is young, or that a run is at, what is not settled is on its way
 */
export function judgeOrder({ holding, entry }: Pair, attended: Attended): Judgement {
  const ledger = entry?.state === 'SOLD' ? entry.lines : []
  const nothing: Judgement = { sold: [], onTheWay: [], ledger }
  if (!holding) {
    if (ledger.length === 0) return nothing
    return { ...nothing, mismatch: { kind: 'sale-without-order', repair: 'return-unknown', units: ledger } }
  }
  const told = holding.keyed ? entry : undefined
  const { status, stockState } = holding
  const waits = waitsForMode(holding, entry !== undefined)
  if (waits) return { ...nothing, mismatch: waits }
  if (stockState === 'in_doubt' || stockState === 'returning' || status === 'CREATING') {
    return { ...nothing, ...judgeUnsettled(holding, told && ledger, attended) }
  }
  if (told) return { ...nothing, ...(STANDING.has(status) ? judgeStanding(holding, told) : judgeClosed(holding, told)) }
  // Sold without its number: if there is a ledger all the same, it is no part of the ledger's equation.
  if (entry && entry.state !== 'NONE') return { ...nothing, ...judgeMixed(holding, entry) }
  return entry || !STANDING.has(status) ? nothing : { ...nothing, sold: holding.sold }
}

/** @param ledger absent: all that is known is what the order asked for */
function judgeUnsettled(
  { orderSn, status, stockState, asked }: Holding,
  ledger: Line[] | undefined,
  attended: Attended,
): Partial<Judgement> {
  if (stockState === 'in_doubt') {
    const advice = `find out whether the stock is still taken, then: resolve ${orderSn} --sold or --not-sold`
    return { mismatch: { kind: 'in-doubt', advice, units: asked } }
  }
  const units = ledger ?? asked
  if (attended === 'attended') return { onTheWay: units }
  if (attended === 'answered') {
    const advice = `its caller may have been told so: resolve ${orderSn} --as-answered, or --close`
    return { mismatch: { kind: 'answered-confirmed', advice, units } }
  }
  if (status === 'CREATING') return { mismatch: { kind: 'abandoned', repair: 'settle', units } }
  return { mismatch: { kind: 'reback-overdue', repair: ledger ? 'return' : 'settle', units } }
}

/**
 * An order of the other mode is left alone by every worker of this one, by the runs that they carry out as well: such a run is no sign
 * that anybody is at it.
 */
function waitsForMode({ status, stockState, keyed, asked, idleMs }: Holding, hasLedger: boolean): Judgement['mismatch'] {
  const isUnsettled = status === 'CREATING' || stockState === 'returning'
  if (!isUnsettled || keyed === hasLedger || idleMs < WAITS_AFTER_MS) return undefined
  const advice = `run a worker with INVENTORY_MODE=${keyed ? 'keyed' : 'unkeyed'} until it is settled`
  return { kind: 'waits-for-mode', advice, units: asked }
}

/** An order without keys, settled, which a worker with keys has meddled with: the ledger knows its number. */
function judgeMixed(holding: Holding, entry: LedgerEntry): Partial<Judgement> {
  const { status, stockState, asked, isMended } = holding
  if (STANDING.has(status)) return entry.state === 'SOLD' ? judgeStanding(holding, entry) : {}
  if (entry.state === 'SOLD') return judgeClosed(holding, entry)
  if (stockState !== 'returned' || isMended) return {}
  return { mismatch: { kind: 'returned-by-number', repair: 'owe', units: asked } }
}

function judgeStanding({ sold }: Holding, { state, lines }: LedgerEntry): Partial<Judgement> {
  const units = difference(state === 'SOLD' ? lines : [], sold)
  if (units.length === 0) return { sold }
  switch (state) {
    case 'NONE':
      return { sold, mismatch: { kind: 'never-sold', repair: 'sell', units } }
    case 'RETURNED': {
      const advice = 'its number cannot be sold again: close the order, or deliver by a new one'
      return { sold, mismatch: { kind: 'given-back', advice, units } }
    }
    case 'SOLD': {
      const advice = 'compare both with what was delivered, and mend the one that is wrong'
      return { sold, mismatch: { kind: 'other-lines', advice, units } }
    }
  }
}

function judgeClosed({ stockState }: Holding, { state, lines }: LedgerEntry): Partial<Judgement> {
  if (state === 'SOLD') return { mismatch: { kind: 'closed-but-sold', repair: 'return', units: lines } }
  if (state === 'NONE' && stockState === 'returned') return { mismatch: { kind: 'no-tombstone', repair: 'return', units: [] } }
  return {}
}

/** Per goods `a` less `b`, without those that are equal. */
export function difference(a: readonly Line[], b: readonly Line[]): Line[] {
  const pieces = new Map<number, number>()
  for (const { goodsId, num } of a) pieces.set(goodsId, (pieces.get(goodsId) ?? 0) + num)
  for (const { goodsId, num } of b) pieces.set(goodsId, (pieces.get(goodsId) ?? 0) - num)
  return [...pieces]
    .filter(([, num]) => num !== 0)
    .sort(([one], [other]) => one - other)
    .map(([goodsId, num]) => ({ goodsId, num }))
}
