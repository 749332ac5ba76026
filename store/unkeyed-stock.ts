import { randomUUID } from 'node:crypto'
import { type Selectable, sql } from 'kysely'
import type { OrderStatus, StockState } from '../contracts/order.ts'
import { appendAudit } from './audit.ts'
import type { Database } from './database.ts'
import { afterRaces } from './failures.ts'
import { found } from './order-rows.ts'
import type { OrdersTable } from './schema.ts'

/** The effects that move stock. */
export type StockEffect = 'Sell' | 'Reback'

/**
 * Decision whether an effect may be sent.
 * - `send`: yes, and the row says now that it was; nobody else is answered so until its own answer is recorded. The same caller is, as often as it asks
 * - `done`: no need, it was applied and its answer recorded
 * - `unanswered`: it was sent before, so many milliseconds ago, and what came of that is not known
 * - `closed`: the order does not ask for it (any more), or not without a key
 *
 * `mark` names the one call that the row says was sent: this one, or the unanswered one that was met.
 */
export type SendPermit =
  | { kind: 'send'; mark: string }
  | { kind: 'unanswered'; mark: string; agoMs: number }
  | { kind: 'done' | 'closed' }

/** An answer to the call of an order that proves whether it was applied. */
export interface ProvenAnswer {
  orderSn: string
  /** Mark of the call that was answered: one that came after it keeps its own, or it would be sent once more. @default any */
  mark?: string
  wasApplied: boolean
}

/** The moment at which a call was sent, to the microsecond: it names the call, since no two of one order leave in one statement. */
const MARK = sql<string | null>`sent_at::text`.as('mark')

/** Status and stock state of an order while its effect is not sent, sent, and applied. */
const STEPS = {
  Sell: { status: 'CREATING', before: 'none', sent: 'selling', applied: 'sold' },
  Reback: { status: 'TRADE_CLOSED', before: 'returning', sent: 'returning', applied: 'returned' },
} as const satisfies Record<StockEffect, { status: OrderStatus } & Record<'before' | 'sent' | 'applied', StockState>>

/**
 * The mark before the effect: an inventory without keys takes whatever arrives, so an effect leaves only when the row says
 * durably that it did. Whoever comes later, after a crash too, finds the mark, and does not send again.
 * @param by token of the caller, which asks again if it has no reply, and finds its own mark then. Once it has sent something it asks again only
 * behind the record that nothing was applied. @default one that nobody has
 */
export async function markSent(db: Database, orderSn: string, effect: StockEffect, by?: string): Promise<SendPermit> {
  return found(await markAllSent(db, [orderSn], effect, by), orderSn)
}

/** The same for many, by one statement. @returns a permit for each, by order number */
export async function markAllSent(
  db: Database,
  orderSns: readonly string[],
  effect: StockEffect,
  by: string = randomUUID(),
): Promise<Map<string, SendPermit>> {
  const permits = new Map<string, SendPermit>()
  // A mark that is met, and taken away before it is looked at, stands in nobody's way: its order is asked for once more.
  for (let asked = orderSns; asked.length > 0; asked = orderSns.filter((orderSn) => !permits.has(orderSn))) {
    for (const { order_sn, mark } of await markUnsent(db, asked, effect, by)) permits.set(order_sn, { kind: 'send', mark })
    const others = asked.filter((orderSn) => !permits.has(orderSn))
    const met = await marksOf(db, others)
    for (const orderSn of others) {
      const permit = permitOf(effect, met.get(orderSn))
      if (permit) permits.set(orderSn, permit)
    }
  }
  return permits
}

/** @returns those that are marked now: by this call, or by an earlier one of the same caller */
async function markUnsent(
  db: Database,
  orderSns: readonly string[],
  effect: StockEffect,
  by: string,
): Promise<{ order_sn: string; mark: string }[]> {
  const { status, before, sent } = STEPS[effect]
  const { rows } = await afterRaces(() =>
    sql<{ order_sn: string; mark: string }>`
      with unsent as materialized (
        select order_sn from orders
        where order_sn = any(${orderSns}::text[]) and status = ${status} and not keyed
          and (stock_state = ${before} and sent_at is null or stock_state = ${sent} and sent_at is not null and sent_by = ${by})
        order by order_sn for update
      )
      update orders o set stock_state = ${sent}, sent_at = coalesce(o.sent_at, now()), sent_by = ${by}, updated_at = now()
      from unsent where o.order_sn = unsent.order_sn returning o.order_sn, o.sent_at::text as mark`.execute(db),
  )
  return rows
}

type Met = Pick<Selectable<OrdersTable>, 'order_sn' | 'status' | 'stock_state' | 'keyed'> & {
  mark: string | null
  ago_ms: number
}

async function marksOf(db: Database, orderSns: readonly string[]): Promise<Map<string, Met>> {
  if (orderSns.length === 0) return new Map()
  const ago = sql<number>`extract(epoch from clock_timestamp() - sent_at)::float8 * 1000`.as('ago_ms')
  const columns = ['order_sn', 'status', 'stock_state', 'keyed'] as const
  const rows = await db
    .selectFrom('orders')
    .select([...columns, MARK, ago])
    .where('order_sn', 'in', orderSns)
    .execute()
  return new Map(rows.map((row) => [row.order_sn, row]))
}

/** @returns what an order that was not marked says to that; nothing if it can be marked since */
function permitOf(effect: StockEffect, row: Met | undefined): SendPermit | undefined {
  const { status, before, applied } = STEPS[effect]
  if (row?.stock_state === applied) return { kind: 'done' }
  if (row?.mark) return { kind: 'unanswered', mark: row.mark, agoMs: row.ago_ms }
  return row?.status === status && row.stock_state === before && !row.keyed ? undefined : { kind: 'closed' }
}

/**
 * Takes marks away again, by one statement, as the answers prove whether the effects were applied.
 * @param isRepeat whether it may have been recorded by an earlier attempt, of which the caller did not hear
 * @returns the numbers of those that are recorded; of the others somebody had given up waiting, and put the order in doubt: the answer is in
 * its audit trail then
 */
export async function recordAnswers(
  db: Database,
  effect: StockEffect,
  answers: readonly ProvenAnswer[],
  isRepeat = false,
): Promise<Set<string>> {
  const { status, before, sent, applied } = STEPS[effect]
  const { rows } = await afterRaces(() =>
    sql<{ order_sn: string }>`
      with answer as (
        select * from unnest(
          ${answers.map((a) => a.orderSn)}::text[], ${answers.map((a) => a.mark ?? null)}::text[], ${answers.map((a) => a.wasApplied)}::boolean[]
        ) as a (order_sn, mark, applied)
      ),
      answered as materialized (
        -- Found by its number alone (offset 0), see confirmOrders.
        select o.order_sn, a.applied from (select * from answer order by order_sn) a, lateral (
          select * from orders o where o.order_sn = a.order_sn offset 0 for update) o
        where o.stock_state = ${sent} and o.sent_at = coalesce(a.mark::timestamptz, o.sent_at)
      )
      update orders o set stock_state = case when a.applied then ${applied} else ${before} end, sent_at = null, sent_by = null, updated_at = now()
      from answered a where o.order_sn = a.order_sn returning o.order_sn`.execute(db),
  )
  const recorded = new Set(rows.map(({ order_sn }) => order_sn))
  let late = answers.filter(({ orderSn }) => !recorded.has(orderSn))
  if (isRepeat && late.length > 0) {
    const stored = await marksOf(
      db,
      late.map(({ orderSn }) => orderSn),
    )
    late = late.filter(({ orderSn, wasApplied }) => {
      const row = stored.get(orderSn)
      // The row says the same: by us, or by an operator who found it so.
      const isRecorded = wasApplied ? row?.stock_state === applied : row?.status === status && row.stock_state === before
      if (isRecorded) recorded.add(orderSn)
      return !isRecorded
    })
  }
  const note = ({ orderSn, wasApplied }: ProvenAnswer) => ({
    orderSn,
    why: `${effect} was answered late: it was ${wasApplied ? '' : 'not '}applied`,
  })
  await noteEvidence(db, effect, late.map(note))
  return recorded
}

/** Records in the audit trails what is known of effects whose outcome is unknown: an operator will look for it. */
export async function noteEvidence(
  db: Database,
  effect: StockEffect,
  notes: readonly { orderSn: string; why: string }[],
): Promise<void> {
  if (notes.length === 0) return
  const rows = await marksOf(
    db,
    notes.map(({ orderSn }) => orderSn),
  )
  const entries = notes.map(({ orderSn, why }) => {
    const row = rows.get(orderSn)
    const state = row ? { status: row.status, stockState: row.stock_state } : {}
    return { orderSn, verb: 'doubt' as const, by: effect.toLowerCase(), why, before: state, after: state }
  })
  await appendAudit(db, entries)
}

/**
 * Puts a closed order in doubt whose Reback was sent and not answered; of one whose Sell was, voidOrders does.
 * @param mark of that call: one that came after it is not doubted for it @default any
 */
export async function doubtReback(db: Database, orderSn: string, mark?: string): Promise<void> {
  await afterRaces(() =>
    db.transaction().execute(async (trx) => {
      const doubted = await trx
        .updateTable('orders')
        .set({ stock_state: 'in_doubt', updated_at: sql`now()` })
        .where('order_sn', '=', orderSn)
        .where('stock_state', '=', 'returning')
        .where(ofCall(mark))
        .executeTakeFirst()
      if (doubted.numUpdatedRows === 0n) return
      const status = 'TRADE_CLOSED'
      await appendAudit(trx, [
        {
          orderSn,
          verb: 'doubt',
          by: 'reback',
          why: 'Reback was sent, and whether it was applied is not known',
          before: { status, stockState: 'returning' },
          after: { status, stockState: 'in_doubt' },
        },
      ])
    }),
  )
}

function ofCall(mark: string | undefined) {
  return mark === undefined ? sql<boolean>`sent_at is not null` : sql<boolean>`sent_at = ${mark}::timestamptz`
}
