import type { Connection, RowDataPacket } from 'mysql2/promise'
import { MAX_QUANTITY } from '../contracts/limits.ts'

/**
 * Way in which an order of the source holds its pieces.
 * - `paid`: they are sold
 * - `unpaid`: its deadline is to come
 * - `overdue`: nobody has paid, and nobody closes it there
 * - `closed`, `deleted`: it was closed, or deleted while unpaid; there nothing is given back
 * - `unsold`: WAIT_BUYER_PAY, or no status at all: nothing was sold for it
 */
export const HOLDINGS = ['paid', 'unpaid', 'overdue', 'closed', 'deleted', 'unsold'] as const
export type HoldingKind = (typeof HOLDINGS)[number]

/** Pieces of one goods that orders of one kind hold. */
export interface HeldThere {
  goodsId: number
  kind: HoldingKind
  orders: number
  pieces: number
}

/** Stock of one goods, as the original's inventory reports it. */
export interface StockThere {
  stock: number
  /** Number of Sell and Reback calls that were applied; absent if it is asked over gRPC. */
  calls?: number
}

/** The kind of an order, in SQL; `?` is the local time now. */
const KIND = `case cast(o.status as binary)
  when 'TRADE_SUCCESS' then 'paid' when 'TRADE_FINISHED' then 'paid' when 'TRADE_CLOSED' then 'closed'
  when 'PAYING' then if(o.deleted_at is not null, 'deleted', if(DEADLINE < ?, 'overdue', 'unpaid'))
  else 'unsold' end`

/** Reads what orders hold, from the original's own tables. @param now local time there, as `YYYY-MM-DD hh:mm:ss` */
export async function heldThere(
  connection: Connection,
  now: string,
): Promise<{ goods: HeldThere[]; orders: Record<HoldingKind, number> }> {
  const [columns] = await connection.query<RowDataPacket[]>("show columns from order_info like 'pay_deadline'")
  const inHalfAnHour = 'o.created_at + interval 30 minute'
  const kind = KIND.replace('DEADLINE', columns.length > 0 ? `coalesce(o.pay_deadline, ${inHalfAnHour})` : inHalfAnHour)
  const [goods] = await connection.query<RowDataPacket[]>(
    `select g.goods as goodsId, ${kind} as kind, count(distinct o.id) as orders, cast(sum(g.nums) as double) as pieces
     from order_goods g join order_info o on o.id = g.\`order\`
     where g.deleted_at is null and g.nums between 1 and ${MAX_QUANTITY} and g.goods > 0 group by 1, 2 order by 1`,
    [now],
  )
  const [orders] = await connection.query<RowDataPacket[]>(
    `select ${kind} as kind, count(*) as orders from order_info o group by 1`,
    [now],
  )
  const counted = Object.fromEntries(HOLDINGS.map((one) => [one, 0])) as Record<HoldingKind, number>
  for (const row of orders) counted[row.kind as HoldingKind] = row.orders
  return { goods: goods as unknown as HeldThere[], orders: counted }
}

/**
 * Reads the stock from the tables of the original's inventory. Of goods with several rows the first counts, as there.
 * @throws Error if the database has no such table
 */
export async function stockThere(connection: Connection): Promise<Map<number, StockThere>> {
  const [tables] = await connection.query<RowDataPacket[]>(
    "select table_name as t from information_schema.tables where table_schema = database() and table_name in ('inventory', 'inventories')",
  )
  const table = tables[0]?.t
  if (!table) throw new Error('the database of --inventory has no table inventory: name that of the inventory service')
  const [rows] = await connection.query<RowDataPacket[]>(
    `select goods_id as goodsId, stock, version from \`${table}\` order by id desc`,
  )
  return new Map(rows.map(({ goodsId, stock, version }) => [goodsId, { stock, calls: version }]))
}
