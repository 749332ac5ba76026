import { sql } from 'kysely'
import type { SoughtOrder } from '../contracts/attendance.ts'
import { type Line, type OrderStatus, STANDING_STATUSES, type StockState } from '../contracts/order.ts'
import type { ReconciliationSummary } from '../contracts/reconciliation.ts'
import { soundLines } from '../contracts/sound-lines.ts'
import { ordersStay } from './archive/orders-stay.ts'
import { type AuditEntry, appendAudit } from './audit.ts'
import { bound } from './bound.ts'
import type { Database } from './database.ts'
import { afterRaces } from './failures.ts'
import { readDoubts } from './read-doubts.ts'
import { recordedOrders } from './recorded-orders.ts'
import { SOUND_LINES } from './sound-rows.ts'

/** Pieces that one order takes from the stock, as the store knows it. */
export interface Holding extends SoughtOrder {
  status: OrderStatus
  stockState: StockState
  /** True if the inventory has a ledger entry for each order number. */
  keyed: boolean
  /** True if an operator has settled or mended an order without keys, so that store and ledger no longer hold its whole story. */
  isMended: boolean
  /** Lines that were asked for. */
  asked: Line[]
  /** Lines that were confirmed; empty until then. */
  sold: Line[]
  /** Time since its last change, in milliseconds. */
  idleMs: number
  /** Changes with every change of the row. */
  version: string
}

/** Pieces of one goods, of one moment. */
export interface GoodsPieces {
  goodsId: number
  /** Pieces of orders that stand. */
  sold: number
  /** Pieces of orders that may hold them or may not: on their way, owing a Reback, in doubt. */
  open: number
}

/**
 * Condition that an operator has mended order `o`, or that it stands as one resolved it. A resolution that something followed
 * proves nothing about what followed; a mended order is none that anybody but a worker under its own mode has changed since.
 */
const MENDED = sql`exists (select 1 from order_audit a where a.order_sn = o.order_sn
  and (a.verb = 'reconcile' or (a.verb = 'resolve' and a.at >= o.updated_at)))`

/** Number of orders that are read at once: as many as the inventory lists sales in a page. */
const PAGE = 250

/** A page of the orders behind `after`, in the order of the numbers' bytes; empty at the end. */
async function holdingsAfter(db: Database, after: string): Promise<Holding[]> {
  return await holdings(db, sql`order_sn > ${after} order by order_sn limit ${PAGE}`)
}

async function holding(db: Database, orderSn: string): Promise<Holding | undefined> {
  return (await holdings(db, sql`order_sn = ${orderSn}`))[0]
}

/** Returns the pieces that orders hold of each goods that any order ever named or the baseline knows, all of one moment. */
async function piecesByGoods(db: Database): Promise<Map<number, GoodsPieces>> {
  const { rows } = await sql<GoodsPieces>`
    with piece as (
      select l.goods_id, l.num as sold, 0 as open from order_lines l join orders o using (order_sn)
      where o.status = any(${STANDING_STATUSES}::text[])
      union all
      select l."goodsId"::integer, 0,
        case when o.status = 'CREATING' or o.stock_state in ('returning', 'in_doubt') then l.num::integer else 0 end
      from orders o, jsonb_to_recordset(${SOUND_LINES}) as l ("goodsId" numeric, num numeric)
      union all
      select goods_id, 0, 0 from stock_baselines
    )
    select goods_id as "goodsId", sum(sold)::bigint as sold, sum(open)::bigint as open
    from piece group by goods_id order by goods_id`.execute(db)
  return new Map(rows.map((row) => [row.goodsId, row]))
}

/** Baseline by goods id: pieces in stock and sold together, at the moment when it was taken. */
async function baselines(db: Database): Promise<Map<number, number>> {
  const rows = await db.selectFrom('stock_baselines').select(['goods_id', 'pieces']).execute()
  return new Map(rows.map(({ goods_id, pieces }) => [goods_id, pieces]))
}

async function putBaselines(db: Database, baselines: readonly { goodsId: number; pieces: number }[]): Promise<void> {
  await sql`
    insert into stock_baselines (goods_id, pieces)
    select * from unnest(${baselines.map((b) => b.goodsId)}::integer[], ${baselines.map((b) => b.pieces)}::bigint[])
    on conflict (goods_id) do update set pieces = excluded.pieces, at = now()`.execute(db)
}

/**
 * Records that a closed order owes a Reback after all, and who found that out. An order without keys only once: its Reback has no
 * number by which the second would do nothing.
 * @returns whether it does; if not, it is not closed, in doubt, or was mended before, and nothing was changed
 */
async function oweReback(db: Database, entry: Pick<AuditEntry, 'orderSn' | 'by' | 'why'>): Promise<boolean> {
  return await afterRaces(() =>
    db.transaction().execute(async (transaction) => {
      await ordersStay(transaction)
      const before = await transaction
        .selectFrom('orders')
        .select(['status', 'stock_state as stockState'])
        .where('order_sn', '=', entry.orderSn)
        .where('status', '=', 'TRADE_CLOSED')
        .where('stock_state', '!=', 'in_doubt')
        .forUpdate()
        .executeTakeFirst()
      if (!before || (await isMended(transaction, entry.orderSn))) return false
      await transaction
        .updateTable('orders')
        .set({ stock_state: 'returning', updated_at: sql`now()` })
        .where('order_sn', '=', entry.orderSn)
        .execute()
      await appendAudit(transaction, [
        { ...entry, verb: 'reconcile', before, after: { status: before.status, stockState: 'returning' } },
      ])
      return true
    }),
  )
}

async function recordSummary(db: Database, summary: ReconciliationSummary): Promise<void> {
  await db
    .insertInto('reconciliations')
    .values({ summary: JSON.stringify(summary) })
    .execute()
}

/** Returns the numbers among these that have a row. */
async function recorded(db: Database, orderSns: readonly string[]): Promise<Set<string>> {
  return new Set(await recordedOrders(db, orderSns))
}

/**
 * Up to when the runs that have ended were looked through, as far as this database knows: one that was set back knows of an earlier
 * time, and so the runs are looked through again whose orders it lost. `now` is what holds if a look that begins now finds none: a
 * quarter of an hour ago, for clocks differ, and Temporal's list lags.
 */
async function lookedUpTo(db: Database): Promise<{ since?: string; now: string }> {
  const { rows } = await sql<{ since: string | null; now: Date }>`
    select now() - interval '15 minutes' as now,
      (select summary ->> 'lookedUpTo' from reconciliations order by id desc limit 1) as since`.execute(db)
  const [{ since, now } = { since: null, now: new Date(0) }] = rows
  return { ...(since !== null && { since }), now: now.toISOString() }
}

/** Returns the summary of the last reconciliation of any process, and its age; `undefined` before the first. */
async function lastSummary(db: Database): Promise<{ summary: ReconciliationSummary; ageSeconds: number } | undefined> {
  return await db
    .selectFrom('reconciliations')
    .select(['summary', sql<number>`extract(epoch from now() - at)::float8`.as('ageSeconds')])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
}

async function countInDoubt(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('orders')
    .select(sql<number>`count(*)`.as('count'))
    .where('stock_state', '=', 'in_doubt')
    .executeTakeFirstOrThrow()
  return count
}

async function holdings(db: Database, which: ReturnType<typeof sql>): Promise<Holding[]> {
  const { rows } = await sql<Omit<Holding, 'asked'> & { asked: unknown }>`
    select order_sn as "orderSn", user_id as "userId", request_id as "requestId", workflow_id as "workflowId",
      status, stock_state as "stockState", keyed, not keyed and ${MENDED} as "isMended",
      confirmed_at is not null as "wasConfirmed", updated_at::text as version, coalesce(lines, '[]') as asked,
      extract(epoch from now() - updated_at)::float8 * 1000 as "idleMs",
      coalesce((
        select jsonb_agg(jsonb_build_object('goodsId', goods_id, 'num', num) order by goods_id)
        from order_lines l where l.order_sn = o.order_sn), '[]') as sold
    from orders o where ${which}`.execute(db)
  return rows.map((row) => ({ ...row, asked: soundLines(row.asked) }))
}

/** Reports whether an operator has mended the order. Asked behind the lock of its row: what another operator did before is there then. */
async function isMended(db: Database, orderSn: string): Promise<boolean> {
  const { rows } = await sql`select 1 from orders o where order_sn = ${orderSn} and not keyed and ${MENDED}`.execute(db)
  return rows.length > 0
}

/** All that the store does for a reconciliation; a new function of it is one entry here. */
const FUNCTIONS = {
  holdingsAfter,
  holding,
  piecesByGoods,
  baselines,
  putBaselines,
  oweReback,
  recordSummary,
  recorded,
  lookedUpTo,
  lastSummary,
  readDoubts,
  countInDoubt,
}

/** Reads and records of a reconciliation in the store. */
export function reconciliationStore(db: Database) {
  return bound(db, FUNCTIONS)
}
export type ReconciliationStore = ReturnType<typeof reconciliationStore>
