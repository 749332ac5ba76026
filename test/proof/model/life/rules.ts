import type { LifeSafeguards } from './safeguards.ts'

export type Status = 'CREATING' | 'PAYING' | 'TRADE_SUCCESS' | 'TRADE_FINISHED' | 'TRADE_CLOSED'
export type Reason = 'refused' | 'cancelled' | 'expired' | 'deleted'
export type Outcome = 'accepted' | 'late' | 'duplicate' | 'mismatch'

/** A row of `orders`, as far as its life depends on it. */
export interface LifeRow {
  status: Status
  stock: 'selling' | 'sold' | 'returning' | 'returned'
  reason?: Reason
  hidden?: true
}

/** A row of `payments`; `unjudged` only if the safeguard judgedWhenRecorded is taken away. */
export interface Recorded {
  order: number
  isRight: boolean
  outcome: Outcome | 'unjudged'
  refund: 'none' | 'owed' | 'refunded'
}

/** A report of a payment service: sent again and again, if it likes. */
export interface Report {
  /** Number of the payment at the payment service, an index. */
  payment: number
  order: number
  /** True if amount and currency are the order's. */
  isRight: boolean
}

/** An order as a consumer of its events knows it. */
export interface Replayed {
  status: Status
  reason?: Reason
  hidden?: true
  /** State of the money that is owed, by payment. */
  refunds: readonly (Recorded['refund'] | undefined)[]
}

export interface Tables {
  rows: readonly LifeRow[]
  /** Rows by payment, one at most while payments are unique. */
  payments: readonly (readonly Recorded[])[]
  /** Events by order, replayed as they are written. */
  replayed: readonly Replayed[]
}

/** The statements of store/life/, and those of the order's creation that may still be on their way; each is one message. */
export class LifeRules {
  readonly #safeguards: LifeSafeguards

  constructor(safeguards: LifeSafeguards) {
    this.#safeguards = safeguards
  }

  confirm(tables: Tables, order: number): Tables {
    const { status } = tables.rows[order] as LifeRow
    if (status !== 'CREATING' && this.#safeguards.has('confirmConditional')) return tables
    return move(tables, order, { status: 'PAYING', stock: 'sold' })
  }

  void(tables: Tables, order: number): Tables {
    if (tables.rows[order]?.status !== 'CREATING') return tables
    return move(tables, order, { status: 'TRADE_CLOSED', stock: 'returning', reason: 'refused' })
  }

  close(tables: Tables, order: number, reason: Reason): Tables {
    const row = tables.rows[order] as LifeRow
    if (row.status === 'TRADE_CLOSED' || row.status === 'CREATING') return tables
    if (row.status !== 'PAYING' && this.#safeguards.has('closeConditional')) return tables
    return move(tables, order, { ...row, status: 'TRADE_CLOSED', stock: 'returning', reason })
  }

  finish(tables: Tables, order: number): Tables {
    const row = tables.rows[order] as LifeRow
    if (row.status === 'TRADE_FINISHED' || row.status === 'CREATING') return tables
    if (row.status !== 'TRADE_SUCCESS' && this.#safeguards.has('finishConditional')) return tables
    return move(tables, order, { ...row, status: 'TRADE_FINISHED' })
  }

  /** Said again, it is done again, and changes nothing: the moment of the first time stays. */
  hide(tables: Tables, order: number): Tables {
    const row = tables.rows[order] as LifeRow
    const isAllowed = row.status === 'TRADE_CLOSED' || (row.status === 'PAYING' && !this.#safeguards.has('hideConditional'))
    return isAllowed && !row.hidden ? move(tables, order, { ...row, hidden: true }) : tables
  }

  markReturned(tables: Tables, order: number): Tables {
    const row = tables.rows[order] as LifeRow
    if (row.stock !== 'returning') return tables
    return { ...tables, rows: tables.rows.with(order, { ...row, stock: 'returned' }) }
  }

  /** Judges a report by the row as it is now; absent if nothing is to be recorded, since the order is not settled yet. */
  judge(tables: Tables, { order, isRight }: Report): Outcome | undefined {
    const { status } = tables.rows[order] as LifeRow
    if (status === 'CREATING') return undefined
    const isPaid = isRight || !this.#safeguards.has('judgedByAmount')
    if (isPaid && !this.#safeguards.has('judgedByStatus')) return 'accepted'
    if (status === 'TRADE_CLOSED') return 'late'
    if (status !== 'PAYING') return 'duplicate'
    return isPaid ? 'accepted' : 'mismatch'
  }

  /** Records a report, with what it comes to, unless it is known. */
  record(tables: Tables, report: Report, outcome: Recorded['outcome'] | undefined): Tables {
    const { payment, order, isRight } = report
    const known = tables.payments[payment] as readonly Recorded[]
    // Two are enough to see the harm.
    if (outcome === undefined || known.length >= (this.#safeguards.has('paymentsUnique') ? 1 : 2)) return tables
    if (outcome === 'accepted' && this.#safeguards.has('oneAccepted') && acceptedOf(tables, order).length > 0) return tables
    if (outcome !== 'accepted' && !this.#safeguards.has('recordsEvery')) return tables
    const refund = outcome === 'accepted' || outcome === 'unjudged' ? 'none' : 'owed'
    const payments = tables.payments.with(payment, [...known, { order, isRight, outcome, refund }])
    const after = { ...tables, payments }
    if (outcome === 'accepted') return move(after, order, { ...(tables.rows[order] as LifeRow), status: 'TRADE_SUCCESS' })
    return outcome === 'unjudged' ? after : tell(after, order, { refunds: [[payment, 'owed']] })
  }

  markRefunded(tables: Tables, payment: number): Tables {
    const owed = tables.payments[payment]?.find(({ refund }) => refund === 'owed')
    if (!owed) return tables
    const known = (tables.payments[payment] as readonly Recorded[]).map((one) =>
      one === owed ? { ...one, refund: 'refunded' as const } : one,
    )
    return tell({ ...tables, payments: tables.payments.with(payment, known) }, owed.order, { refunds: [[payment, 'refunded']] })
  }
}

/** The payments of an order that were accepted. */
export function acceptedOf({ payments }: Tables, order: number): Recorded[] {
  return payments.flat().filter((one) => one.order === order && one.outcome === 'accepted')
}

function move(tables: Tables, order: number, row: LifeRow): Tables {
  const { status, reason, hidden } = row
  return tell({ ...tables, rows: tables.rows.with(order, row) }, order, {
    status,
    ...(reason && { reason }),
    ...(hidden && { hidden }),
  })
}

/** One event, as it is replayed. */
function tell(
  tables: Tables,
  order: number,
  { refunds = [], ...event }: Partial<Omit<Replayed, 'refunds'>> & { refunds?: [number, Recorded['refund']][] },
): Tables {
  const before = tables.replayed[order] as Replayed
  const after = refunds.reduce((all, [payment, refund]) => all.with(payment, refund), before.refunds)
  return { ...tables, replayed: tables.replayed.with(order, { ...before, ...event, refunds: after }) }
}
