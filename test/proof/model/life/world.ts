import { type Inventory, reback, sell } from '../inventory.ts'
import { safeguardsWithout } from '../safeguards.ts'
import { type LifeRow, LifeRules, type Outcome, type Report, type Status, type Tables } from './rules.ts'
import type { LifeSafeguards } from './safeguards.ts'

/**
 * Somebody who is at work, at most once at a time and any number of times one after another; all end at any point. A `pass` closes what is
 * due and gives back what is owed, of all orders; `giveBack` is started by whoever closed one.
 */
export type LifeRun = { kind: 'cancel' | 'delete' | 'finish' | 'giveBack'; order: number } | { kind: 'pass'; name: string }

/** One world to explore. */
export interface LifeSetting {
  orders: number
  /** Status in which they begin: CREATING is sold and not confirmed yet. */
  from: 'CREATING' | 'PAYING'
  reports: readonly Report[]
  runs: readonly LifeRun[]
  /** Present if somebody runs the activities by themselves. */
  stranger?: true
  safeguards: LifeSafeguards
}

/** Answers that anybody may have had about an order, a bit each. */
export const HEARD = { closed: 1, paid: 2, hidden: 4, finished: 8, absurd: 16 } as const
/** Messages that may arrive at any later time once they were sent, any number of times, or never; a bit each. */
export const SENT = { reback: 1, markReturned: 2 } as const

export interface LifeWorld {
  tables: Tables
  inventory: Inventory
  /** True by order if deadline and grace are over. */
  due: readonly boolean[]
  /** Bits of SENT, by order. */
  sent: readonly number[]
  /** Bits of HEARD, by order. */
  told: readonly number[]
  /** Outcomes that were ever answered, by report: a bit each of OUTCOMES. */
  answered: readonly number[]
  /** Result of a look, by report, only if the safeguard judgedUnderLock is taken away. */
  looked: readonly (Outcome | undefined)[]
  /** Place of each run, empty if it is not running; of what gives back, a digit an order: 1 has to send Reback, 2 to record it. */
  at: readonly string[]
}

export const OUTCOMES = ['accepted', 'late', 'duplicate', 'mismatch', 'other', 'refused'] as const

/** The parties: what their statements and calls do to a world. */
export class LifeParties {
  readonly setting: LifeSetting
  readonly rules: LifeRules

  constructor(setting: LifeSetting) {
    this.setting = setting
    this.rules = new LifeRules(setting.safeguards)
  }

  initial(): LifeWorld {
    const { orders, reports, runs, from } = this.setting
    const each = <T>(value: T): T[] => Array.from({ length: orders }, () => value)
    const payments = 1 + Math.max(-1, ...reports.map(({ payment }) => payment))
    return {
      tables: {
        rows: each({ status: from, stock: from === 'CREATING' ? 'selling' : 'sold' }),
        payments: Array.from({ length: payments }, () => []),
        replayed: each({ status: from, refunds: Array.from({ length: payments }, () => undefined) }),
      },
      // One piece is left that nobody ordered.
      inventory: { stock: 1, ledger: each('SOLD' as const) },
      due: each(false),
      sent: each(0),
      told: each(0),
      answered: reports.map(() => 0),
      looked: reports.map(() => undefined),
      at: runs.map(() => ''),
    }
  }

  /** Worlds that a statement may leave: one, or with a second without its event, if events are written by a statement of their own. */
  after(world: LifeWorld, tables: Tables): LifeWorld[] {
    if (tables === world.tables) return [world]
    const whole = { ...world, tables }
    if (this.setting.safeguards.has('eventInStatement') || tables.replayed === world.tables.replayed) return [whole]
    return [whole, { ...world, tables: { ...tables, replayed: world.tables.replayed } }]
  }

  /** A late Sell of the order's creation. */
  sell(world: LifeWorld, order: number): LifeWorld {
    const { inventory } = sell(world.inventory, order)
    return inventory === world.inventory ? world : { ...world, inventory }
  }

  reback(world: LifeWorld, order: number): LifeWorld {
    const { inventory } = world
    if (!this.setting.safeguards.has('rebackKeyed'))
      return { ...world, inventory: { stock: inventory.stock + 1, ledger: inventory.ledger.with(order, 'RETURNED') } }
    const after = inventory.ledger[order] === 'SOLD' ? reback(inventory, order, safeguardsWithout()) : inventory
    return after === inventory ? world : { ...world, inventory: after }
  }

  /** Reports whether a row lets a Reback be sent for it (activities/stock-permit.ts). */
  owes(world: LifeWorld, order: number): boolean {
    return world.tables.rows[order]?.stock === 'returning'
  }

  tell(world: LifeWorld, order: number, ...heard: (keyof typeof HEARD)[]): LifeWorld {
    const bits = heard.reduce((all, one) => all | HEARD[one], world.told[order] as number)
    return { ...world, told: world.told.with(order, bits) }
  }

  encode({ tables, inventory, due, sent, told, answered, looked, at }: LifeWorld): string {
    const codes = [inventory.stock]
    for (const [order, row] of tables.rows.entries()) {
      const { status, reason, hidden } = tables.replayed[order] as Tables['replayed'][number]
      codes.push(
        rowCode(row) * 2 + (due[order] ? 1 : 0),
        rowCode({ status, stock: 'sold', ...(reason && { reason }), ...(hidden && { hidden }) }),
      )
      codes.push((sent[order] as number) * 64 + (told[order] as number) * 2 + (inventory.ledger[order] === 'SOLD' ? 1 : 0))
      for (const refund of tables.replayed[order]?.refunds ?? []) codes.push(REFUNDS.indexOf(refund))
    }
    for (const recorded of tables.payments) {
      codes.push(
        recorded.reduce(
          (all, { order, isRight, outcome, refund }) =>
            all * 128 +
            1 +
            order * 2 +
            (isRight ? 1 : 0) +
            (OUTCOMES as readonly string[]).indexOf(outcome) * 4 +
            8 +
            REFUNDS.indexOf(refund) * 32,
          0,
        ),
      )
    }
    codes.push(...answered, ...looked.map((outcome) => (outcome ? 1 + OUTCOMES.indexOf(outcome) : 0)))
    return `${String.fromCharCode(...codes)}${at.join()}`
  }

  describe({ tables, inventory, due, at }: LifeWorld): string {
    const orders = tables.rows.map(({ status, stock, reason, hidden }, order) => {
      const row = `${status}${reason ? ` (${reason})` : ''} ${stock}${hidden ? ', hidden' : ''}${due[order] ? ', due' : ''}`
      return `order${this.of(order)}: ${row}, ledger ${inventory.ledger[order]}`
    })
    const payments = tables.payments.flatMap((all, i) =>
      all.map(({ outcome, refund }) => `payment ${i + 1} ${outcome}${refund === 'none' ? '' : `, refund ${refund}`}`),
    )
    const running = this.setting.runs.flatMap((run, i) => (at[i] ? [`${this.nameOf(run)} at ${at[i]}`] : []))
    return [...orders, ...payments, `stock ${inventory.stock}`, ...running].join(' | ')
  }

  nameOf(run: LifeRun): string {
    return run.kind === 'pass' ? run.name : `${run.kind}${this.of(run.order)}`
  }

  of(order: number): string {
    return this.setting.orders > 1 ? ` ${order + 1}` : ''
  }
}

const STATUSES: readonly Status[] = ['CREATING', 'PAYING', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED']
const STOCKS: readonly LifeRow['stock'][] = ['selling', 'sold', 'returning', 'returned']
const REASONS: readonly LifeRow['reason'][] = [undefined, 'refused', 'cancelled', 'expired', 'deleted']
const REFUNDS = [undefined, 'none', 'owed', 'refunded'] as readonly (string | undefined)[]

function rowCode({ status, stock, reason, hidden }: LifeRow): number {
  return (
    ((STATUSES.indexOf(status) * STOCKS.length + STOCKS.indexOf(stock)) * REASONS.length + REASONS.indexOf(reason)) * 2 +
    (hidden ? 1 : 0)
  )
}
