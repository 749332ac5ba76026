import { sql } from 'kysely'
import type { OrderLine } from '../contracts/order.ts'
import { PAY_WITHIN_MS } from '../contracts/time-budget.ts'
import type { Database } from './database.ts'
import { afterRaces } from './failures.ts'
import { found, ORDER_COLUMNS, type OrderRow, orderOf, readOrders } from './order-rows.ts'
import type { StoredOrder } from './stored-order.ts'

export interface Confirmation {
  orderSn: string
  /** Minor units of the currency in which the lines are priced. */
  total: number
  lines: OrderLine[]
  /**
   * Mode of the inventory of the confirming process: true if it honours the order number. An order of the other mode is left as
   * it is.
   * @default either may be
   */
  keyed?: boolean
}

/** The order as the store holds it. */
export type ConfirmedHere = StoredOrder & {
  /** Time from the intent to the confirmation; present if this very call confirmed the order. */
  tookSeconds?: number
}

/**
 * The pivot: CREATING becomes PAYING, the priced lines are inserted, the ordered quantities leave the cart. Only of an order that
 * asked for these very goods and pieces, and whose Sell was answered, as far as the row knows: without keys it does.
 * @param payWithinMs time until its payment is due, in milliseconds
 * @returns for each what the store holds now: confirmed by this call, earlier, or closed; CREATING still: it may not be confirmed so
 */
export async function confirmOrders(
  db: Database,
  confirmations: readonly Confirmation[],
  payWithinMs = PAY_WITHIN_MS,
): Promise<ConfirmedHere[]> {
  const confirmed = new Map<string, ConfirmedHere>()
  const lines = new Map(confirmations.map(({ orderSn, lines }) => [orderSn, lines]))
  for (const row of await afterRaces(() => confirm(db, confirmations, payWithinMs))) {
    const tookSeconds = (Number(row.confirmed_at) - Number(row.created_at)) / 1_000
    confirmed.set(row.order_sn, { ...orderOf(row), lines: lines.get(row.order_sn) ?? [], tookSeconds })
  }
  const others = confirmations.map(({ orderSn }) => orderSn).filter((orderSn) => !confirmed.has(orderSn))
  for (const [orderSn, { order }] of await readOrders(db, others)) confirmed.set(orderSn, order)
  return confirmations.map(({ orderSn }) => found(confirmed, orderSn))
}

async function confirm(db: Database, confirmations: readonly Confirmation[], payWithinMs: number): Promise<OrderRow[]> {
  const lines = confirmations.flatMap(({ orderSn, lines }) => lines.map((line) => ({ orderSn, ...line })))
  const { rows } = await sql<OrderRow>`
    with request as (
      select * from unnest(
        ${confirmations.map((c) => c.orderSn)}::text[], ${confirmations.map((c) => c.total)}::bigint[],
        -- The prices' own: the worker that priced the order may have had another CURRENCY than the one that confirms it.
        ${confirmations.map((c) => c.lines[0]?.price.currency ?? '')}::text[],
        ${confirmations.map((c) => c.keyed ?? null)}::boolean[]
      ) as r (order_sn, total, currency, keyed)
    ),
    line as materialized (
      select * from unnest(
        ${lines.map((l) => l.orderSn)}::text[], ${lines.map((l) => l.goodsId)}::integer[], ${lines.map((l) => l.name)}::text[],
        ${lines.map((l) => l.image)}::text[], ${lines.map((l) => l.price.amount)}::bigint[], ${lines.map((l) => l.num)}::integer[]
      ) as l (order_sn, goods_id, name, image, price, num)
    ),
    named as (
      select order_sn, jsonb_agg(jsonb_build_object('goodsId', goods_id, 'num', num) order by goods_id) as lines
      from line group by order_sn
    ),
    -- Found by its number alone (offset 0), here and below: with the other conditions, PostgreSQL may take an index of all unpaid orders for a small
    -- one, and reads it whole.
    asked as materialized (
      select o.* from request r, lateral (
        select o.order_sn, o.user_id, o.status, o.from_cart from only orders o where o.order_sn = r.order_sn offset 0) o
    ),
    cart as materialized (
      select l.order_sn, c.user_id, c.goods_id, c.num as held, l.num as ordered
      from asked o join line l using (order_sn) join cart_items c on c.user_id = o.user_id and c.goods_id = l.goods_id
      where o.from_cart and o.status = 'CREATING'
      order by c.user_id, c.goods_id for update of c
    ),
    creating as materialized (
      select o.order_sn from (
        select r.order_sn, r.keyed, n.lines from request r join named n using (order_sn)
        where (select count(*) from cart) >= 0 -- carts are locked first, see openOrders
        order by r.order_sn
      ) r, lateral (select o.* from only orders o where o.order_sn = r.order_sn offset 0 for update) o
      where o.status = 'CREATING' and o.keyed = coalesce(r.keyed, o.keyed) and o.lines = r.lines and (o.keyed or o.stock_state = 'sold')
    ),
    confirmed as (
      update only orders o set status = 'PAYING', stock_state = 'sold', total = r.total, currency = r.currency,
        pay_deadline = now() + make_interval(secs => ${payWithinMs / 1_000}), confirmed_at = now(), updated_at = now()
      from creating c join request r using (order_sn)
      where o.order_sn = c.order_sn returning o.*
    ),
    inserted as (
      insert into order_lines (order_sn, goods_id, name, image, price, num)
      select l.* from line l join confirmed using (order_sn)
    ),
    reduced as (
      update cart_items c set num = k.held - k.ordered from cart k join confirmed using (order_sn)
      where c.user_id = k.user_id and c.goods_id = k.goods_id and k.held > k.ordered
    ),
    emptied as (
      delete from cart_items c using cart k join confirmed using (order_sn)
      where c.user_id = k.user_id and c.goods_id = k.goods_id and k.held <= k.ordered
    )
    select ${ORDER_COLUMNS} from confirmed`.execute(db)
  return rows
}
