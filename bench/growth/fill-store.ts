import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { type OrderSn, parseOrderSn } from '../../contracts/order.ts'
import type { Database } from '../../store/database.ts'

/** User who has a tenth of a small store, and a hundredth of a large one; all of these orders are finished, but for two of the oldest. */
export const BUSY_USER = 1

/** Places of the orders, by age, that are not over yet: as many in a small store as in a large one, for what is under way follows from the rate. */
export const PLACES = { creating: 1, returning: 21, inDoubt: 41, due: 51, paying: 151, over: 351 } as const

/** Number of the order at a place; the youngest has place 1. In no order, as real ones are. */
export function orderSnAt(place: number): OrderSn {
  const digits = createHash('md5').update(`${place}`).digest('hex').slice(0, 16).toUpperCase()
  return parseOrderSn(digits.replace(/[0189]/g, (digit) => 'GHIJ'['0189'.indexOf(digit)] as string))
}

const ORDER_SN = sql`translate(upper(substr(md5(n::text), 1, 16)), '0189', 'GHIJ')`
const OF_EVENT = sql`o.order_sn || '/' || seq`

/**
 * Fills an empty store with the orders of 30 days: refused, expired, paid and finished ones, with lines, payments and audit, and the events of
 * the last 7 days. Without triggers, which would take an hour for a million; what they keep is written as they would.
 * @param log called with a line for each part that is done
 */
export async function fillStore(db: Database, orders: number, log: (line: string) => void = () => {}): Promise<void> {
  const secondsBetween = (30 * 86_400) / orders
  await db.transaction().execute(async (trx) => {
    await sql`set local session_replication_role = replica`.execute(trx)
    await sql`
      insert into orders (order_sn, user_id, request_id, fingerprint, status, stock_state, owed, from_cart, lines, address, name, mobile, post, workflow_id,
        total, currency, pay_deadline, confirmed_at, refusal_type, refusal_code, refusal_message, refusal_details, created_at, updated_at,
        paid_at, finished_at, closed_at, closed_for, event_seq, event_xact)
      select ${ORDER_SN}, case when n % ${orders < 100_000 ? 10 : 100} = 7 and n >= ${PLACES.over} or n in (${orders}, ${orders - 10}) then ${BUSY_USER}
          else 2 + (n * 7919::bigint) % ${Math.ceil(orders / 5) + 350} end,
        'bench-' || n, repeat('f', 64), status, case
          when n between ${PLACES.returning} and ${PLACES.inDoubt - 1} then 'returning' when status = 'IN_DOUBT' then 'in_doubt'
          when status = 'CREATING' then 'selling' when status = 'TRADE_CLOSED' then 'returned' else 'sold' end,
        case when n between ${PLACES.returning} and ${PLACES.inDoubt - 1} then array['inventory'] else '{}' end,
        false, jsonb_build_array(jsonb_build_object('goodsId', 1 + n % 1000, 'num', 1)), 'No. 1 Bench Road', 'Li Lei', '13800000000', '', 'create-order/' || n,
        case when confirmed then 300 end, case when confirmed then 'CNY' end,
        case when not confirmed then null when n < ${PLACES.paying} then now() - interval '1 hour' + n * interval '1 second'
          when n < ${PLACES.over} then now() + n * interval '1 second' else at + interval '30 minutes' end,
        case when confirmed then at end,
        case when not confirmed and status = 'TRADE_CLOSED' then 'InsufficientStock' end, case when not confirmed and status = 'TRADE_CLOSED' then 422 end,
        case when not confirmed and status = 'TRADE_CLOSED' then 'sold out' end, case when not confirmed and status = 'TRADE_CLOSED' then jsonb '{}' end,
        at, case when n < ${PLACES.due} then now() - interval '10 minutes' else at end,
        case when status in ('TRADE_SUCCESS', 'TRADE_FINISHED') then at end, case when status = 'TRADE_FINISHED' then at end,
        case when status = 'TRADE_CLOSED' then at end, case when status <> 'TRADE_CLOSED' then null when confirmed then 'expired' else 'refused' end,
        case when status = 'CREATING' then 0 when status = 'TRADE_FINISHED' then 3 when status = 'TRADE_SUCCESS' or confirmed and status = 'TRADE_CLOSED' then 2
          else 1 end, pg_current_xact_id()::text::bigint
      from generate_series(${orders}::integer, 1, -1) n, lateral (
        select now() - n * ${secondsBetween}::float8 * interval '1 second' as at, case
          when n < ${PLACES.returning} then 'CREATING' when n < ${PLACES.inDoubt} then 'TRADE_CLOSED' when n < ${PLACES.due} then 'IN_DOUBT'
          when n < ${PLACES.over} then 'PAYING' when n % 10 in (0, 1, 2) then 'TRADE_CLOSED' when n % 10 in (3, 4) then 'TRADE_SUCCESS'
          else 'TRADE_FINISHED' end as status) s,
        lateral (select case when n < ${PLACES.returning} or n between ${PLACES.inDoubt} and ${PLACES.due - 1} then false
          when n >= ${PLACES.over} then n % 10 > 1 or n in (${orders}, ${orders - 10}) else true end as confirmed) c`.execute(trx)
    log(`  ${orders} rows of orders`)
    await sql`
      insert into order_lines (order_sn, goods_id, name, image, price, num)
      select order_sn, 1 + (l ->> 'goodsId')::integer % 500 + i * 500, 'Goods', 'https://images.shop.example/goods.jpg', 150, 1
      from orders, jsonb_array_elements(lines) l, generate_series(0, 1) i where confirmed_at is not null`.execute(trx)
    log('  their lines')
    await sql`
      insert into payments (provider, payment_id, order_sn, amount, currency, paid_at, received_at, outcome, refund)
      select 'bench', order_sn, order_sn, total, currency, at, at, outcome, case outcome when 'late' then 'owed' else 'none' end
      from orders o, lateral (select coalesce(paid_at, closed_at) as at, case when paid_at is null then 'late' else 'accepted' end as outcome) p
      where paid_at is not null or order_sn = any(${Array.from({ length: 20 }, (_, i) => orderSnAt(402 + i * 10))}::text[])`.execute(
      trx,
    )
    log('  their payments')
    await sql`
      insert into order_audit (order_sn, at, verb, by, why, before, after)
      select order_sn, created_at, case when status = 'TRADE_CLOSED' then 'close' else 'pay' end, 'bench', 'to see', '{}', '{}'
      from orders where confirmed_at is not null and status <> 'PAYING' order by created_at`.execute(trx)
    log('  their audit trails')
    await sql`
      insert into order_events (aggregateid, type, seq, xact, at, payload)
      select order_sn, type, seq, event_xact, created_at, jsonb_build_object('specversion', '1.0', 'id', ${OF_EVENT}, 'source', '/orders', 'type', type,
        'subject', order_sn, 'datacontenttype', 'application/json', 'data', jsonb_build_object('orderSn', order_sn, 'userId', user_id, 'status', status))
      from orders o, generate_series(1, event_seq) seq, lateral (select case
        when seq = 3 then 'order.finished' when seq = 2 and status <> 'TRADE_CLOSED' then 'order.paid'
        when status = 'IN_DOUBT' then 'order.in_doubt' when seq = 2 or confirmed_at is null then 'order.closed' else 'order.created' end as type) t
      where created_at > now() - interval '7 days' order by created_at, seq`.execute(trx)
    log('  the events of 7 days')
    await sql`
      insert into event_cursors (name, xact, id)
      select 'webhook', xact, id from order_events order by xact desc, id desc offset 10 limit 1`.execute(trx)
  })
  await sql`vacuum (analyze)`.execute(db)
}
