import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { afterRaces } from '../failures.ts'

/** Orders that one statement makes owe. */
const PAGE = 1_000

/** Orders that owe what they hold from now on, and their pieces. */
export interface Owed {
  orders: number
  pieces: number
}

/**
 * Makes imported orders owe what they hold that were closed, or deleted, in the service which this one replaces: there nothing is given back. Each
 * once, and recorded in its audit trail; the workers give it back, as of any closed order. A baseline that was taken meanwhile did not count these
 * pieces, and does from now on.
 * @param except goods of which nothing is to be given back: orders that hold them are left as they are
 */
export async function oweClosed(
  db: Database,
  { by, why }: { by: string; why: string },
  except: readonly number[] = [],
): Promise<Owed> {
  const owed: Owed = { orders: 0, pieces: 0 }
  for (let after: string | null = ''; after !== null; ) {
    const { last, orders, pieces } = await afterRaces(() => owePage(db, { by, why }, except, after ?? ''))
    owed.orders += orders
    owed.pieces += pieces
    after = last
  }
  return owed
}

async function owePage(db: Database, { by, why }: { by: string; why: string }, except: readonly number[], after: string) {
  const { rows } = await sql<Owed & { last: string | null }>`
    with closed as materialized (
      select order_sn, lines from orders o
      where status = 'TRADE_CLOSED' and stock_state = 'sold' and imported_sn is not null and not keyed and order_sn > ${after}
        and not exists (select 1 from jsonb_to_recordset(o.lines) as l ("goodsId" integer) where l."goodsId" = any(${except}::integer[]))
      order by order_sn limit ${PAGE} for update
    ),
    owed as (
      update orders o set stock_state = 'returning', updated_at = now() from closed c where o.order_sn = c.order_sn returning o.order_sn
    ),
    recorded as (
      insert into order_audit (order_sn, verb, by, why, before, after)
      select order_sn, 'reconcile', ${by}::text, 'import --audit --apply: ' || ${why}::text,
        '{"status":"TRADE_CLOSED","stockState":"sold"}', '{"status":"TRADE_CLOSED","stockState":"returning"}'
      from owed
    ),
    piece as (
      select l."goodsId" as goods_id, sum(l.num) as num from closed c, jsonb_to_recordset(c.lines) as l ("goodsId" integer, num integer)
      group by l."goodsId"
    ),
    counted as (
      update stock_baselines b set pieces = b.pieces + p.num from piece p where b.goods_id = p.goods_id
    )
    select (select max(order_sn) from owed) as last, (select count(*) from owed)::integer as orders,
      coalesce((select sum(num) from piece), 0)::bigint as pieces`.execute(db)
  return rows[0] ?? { last: null, orders: 0, pieces: 0 }
}
