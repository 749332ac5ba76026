import { sql } from 'kysely'
import type { OrderStatus } from '../../contracts/order.ts'
import type { Database } from '../database.ts'

const PAGE = 1_000

/** An imported order that went on here. Times are local to the source. */
export interface MovedHere {
  id: number
  status: OrderStatus
  updatedAt: string
  paidAt: string | null
  deletedAt: string | null
  paymentId: string | null
}

/** Imported orders that went on here, in the order of their ids. */
export async function* movedHere(db: Database, timezone: string): AsyncGenerator<MovedHere> {
  const local = (column: string) => sql`to_char(o.${sql.id(column)} at time zone ${timezone}::text, 'YYYY-MM-DD HH24:MI:SS.MS')`
  for (let after = 0; ; ) {
    const { rows } = await sql<MovedHere>`
      select o.id, o.status, ${local('updated_at')} as "updatedAt", ${local('paid_at')} as "paidAt", ${local('deleted_at')} as "deletedAt",
        (select p.payment_id from payments p where p.order_sn = o.order_sn and p.outcome = 'accepted') as "paymentId"
      from orders o where o.imported_sn is not null and o.event_seq > 0 and o.id > ${after} order by o.id limit ${PAGE}`.execute(
      db,
    )
    const last = rows.at(-1)
    if (!last) return
    yield* rows
    after = last.id
  }
}

/** Ids that the next rows would get here. */
export async function nextIds(db: Database): Promise<{ orders: number; orderLines: number; cartItems: number }> {
  const { rows } = await sql<{ orders: number; orderLines: number; cartItems: number }>`
    select (select last_value + 1 from orders_id_seq)::integer as orders, (select last_value + 1 from order_lines_id_seq)::integer as "orderLines",
      (select last_value + 1 from cart_items_id_seq)::integer as "cartItems"`.execute(db)
  return rows[0] ?? { orders: 1, orderLines: 1, cartItems: 1 }
}
