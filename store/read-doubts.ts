import { sql } from 'kysely'
import { type Line, type OrderStatus, STANDING_STATUSES } from '../contracts/order.ts'
import { soundLines } from '../contracts/sound-lines.ts'
import type { Database } from './database.ts'
import { SOUND_LINES } from './sound-rows.ts'

/** An order in doubt. */
export interface Doubt {
  orderSn: string
  status: OrderStatus
  lines: Line[]
  /** Time since its last change, and so at least since its call was sent, in milliseconds. */
  idleMs: number
  /** Changes with every change of the row. */
  version: string
}

/** Pieces that the orders hold of one goods which an order in doubt names. */
export interface DoubtedPieces {
  goodsId: number
  /** Pieces in stock and sold together when the baseline was taken; `null`: none was. */
  baseline: number | null
  /** Pieces of orders that stand. */
  sold: number
  /** Orders that may be taking or giving back pieces of it at this moment. */
  moving: number
  /** Changes whenever an order that names the goods appears or changes. */
  fingerprint: string
}

export interface DoubtReading {
  doubts: Doubt[]
  goods: DoubtedPieces[]
}

/**
 * Returns the orders in doubt and what orders hold of their goods, all of one moment. Two readings with the same fingerprint of a goods, and
 * nothing moving it at either, have no effect of an order between them: each is marked in its row before it is sent.
 */
export async function readDoubts(db: Database): Promise<DoubtReading> {
  const { rows } = await sql<{ doubts: (Omit<Doubt, 'lines'> & { lines: unknown })[] | null; goods: DoubtedPieces[] | null }>`
    with doubt as materialized (
      select o.order_sn, o.status, o.updated_at, o.lines, ${SOUND_LINES} as sound from orders o where o.stock_state = 'in_doubt'
    ),
    goods as materialized (
      select distinct l."goodsId"::integer as goods_id from doubt, jsonb_to_recordset(sound) as l ("goodsId" numeric)
    ),
    -- Every order that names one of them; without a doubt no table is read.
    named as (
      select goods_id, count(*) filter (where o.status = 'CREATING' or o.stock_state = 'returning') as moving,
        count(*) || '/' || sum(hashtextextended(concat_ws(' ', o.order_sn, o.status, o.stock_state, o.updated_at), 0)::numeric) as fingerprint
      from orders o, jsonb_to_recordset(${SOUND_LINES}) as l ("goodsId" numeric), goods
      where goods_id = l."goodsId" and exists (select 1 from doubt)
      group by goods_id
    ),
    sold as (
      select goods_id, sum(num) as sold from order_lines join goods using (goods_id) join orders o using (order_sn)
      where o.status = any(${STANDING_STATUSES}::text[]) and exists (select 1 from doubt)
      group by goods_id
    )
    select
      (select jsonb_agg(jsonb_build_object('orderSn', order_sn, 'status', status, 'lines', lines, 'version', updated_at::text,
        'idleMs', extract(epoch from now() - updated_at)::float8 * 1000) order by order_sn) from doubt) as doubts,
      (select jsonb_agg(jsonb_build_object('goodsId', goods_id, 'baseline', pieces, 'sold', coalesce(sold, 0), 'moving', moving,
        'fingerprint', fingerprint) order by goods_id)
        from named left join sold using (goods_id) left join stock_baselines using (goods_id)) as goods`.execute(db)
  const [{ doubts, goods } = { doubts: null, goods: null }] = rows
  return { doubts: (doubts ?? []).map((doubt) => ({ ...doubt, lines: soundLines(doubt.lines) })), goods: goods ?? [] }
}
