import { sql } from 'kysely'
import { STANDING_STATUSES } from '../../contracts/order.ts'
import type { Database } from '../database.ts'

/** Pieces of one goods, by what became here of the orders that hold them. */
export interface PiecesHere {
  goodsId: number
  /** Pieces of imported orders that are closed, and whose stock nobody has owed to the inventory yet. */
  closed: number
  /** Pieces of imported orders that are owed to the inventory, or in doubt. */
  owed: number
  /** Pieces of imported orders that were given back from here. */
  returned: number
  /** Pieces that orders hold which were placed here, or may hold. */
  placedHere: number
}

/** Pieces of every goods that an order names. */
export async function importedStock(db: Database): Promise<Map<number, PiecesHere>> {
  const { rows } = await sql<PiecesHere>`
    with piece as (
      select o.*, l."goodsId" as goods_id, l.num::bigint as num from orders o, jsonb_to_recordset(coalesce(o.lines, '[]')) as l ("goodsId" integer, num integer)
    )
    select goods_id as "goodsId",
      coalesce(sum(num) filter (where imported_sn is not null and status = 'TRADE_CLOSED' and stock_state = 'sold'), 0)::bigint as closed,
      coalesce(sum(num) filter (where imported_sn is not null and stock_state in ('returning', 'in_doubt')), 0)::bigint as owed,
      coalesce(sum(num) filter (where imported_sn is not null and stock_state = 'returned'), 0)::bigint as returned,
      coalesce(sum(num) filter (where imported_sn is null
        and (status = any(${STANDING_STATUSES}::text[]) or stock_state in ('selling', 'returning', 'in_doubt'))), 0)::bigint as "placedHere"
    from piece group by goods_id`.execute(db)
  return new Map(rows.map((row) => [row.goodsId, row]))
}

/** Counts the imported orders that are closed, and whose stock nobody has owed to the inventory yet. */
export async function countClosedHolding(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from orders where status = 'TRADE_CLOSED' and stock_state = 'sold' and imported_sn is not null`.execute(
    db,
  )
  return rows[0]?.count ?? 0
}
