import { sql } from 'kysely'
import type { OrderSn } from '../../contracts/order.ts'
import type { Database } from '../../store/database.ts'
import { orderSnAt } from '../growth/fill-store.ts'

/** Users whom no load of the bench has. */
const FIRST = 1_000_000_000

/**
 * Inserts orders that wait for their payment, as their creation left them, each of a user of its own.
 * @param from number of the first one: different from those of all calls before
 * @returns their numbers
 */
export async function insertUnpaid(
  db: Database,
  { from, count, dueInSeconds }: { from: number; count: number; dueInSeconds: number },
): Promise<OrderSn[]> {
  const places = Array.from({ length: count }, (_, i) => FIRST + from + i)
  const orderSns = places.map(orderSnAt)
  await db.transaction().execute(async (trx) => {
    await sql`
      insert into orders (order_sn, user_id, request_id, fingerprint, status, stock_state, from_cart, lines, address, name, mobile, post, workflow_id,
        total, currency, pay_deadline, confirmed_at)
      select order_sn, user_id, 'unpaid-' || user_id, repeat('f', 64), 'PAYING', 'sold', false, '[{"goodsId": 1, "num": 1}]', 'No. 1 Bench Road', 'Li Lei',
        '13800000000', '', 'create-order/' || user_id, 300, 'CNY', now() + make_interval(secs => ${dueInSeconds}), now()
      from unnest(${orderSns}::text[], ${places}::integer[]) as o (order_sn, user_id)`.execute(trx)
    await sql`
      insert into order_lines (order_sn, goods_id, name, image, price, num)
      select order_sn, 1, 'Goods', '', 300, 1 from unnest(${orderSns}::text[]) as o (order_sn)`.execute(trx)
  })
  await sql`analyze orders`.execute(db)
  return orderSns
}
