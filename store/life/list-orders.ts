import { sql } from 'kysely'
import { ORDER_STATUSES, type OrderStatus } from '../../contracts/order.ts'
import type { Database } from '../database.ts'
import { microsOf, momentOf } from '../micros.ts'
import { ORDER_COLUMNS, type OrderRow, orderOf } from '../order-rows.ts'
import type { StoredOrder } from '../stored-order.ts'

/** Place of an order in the list of its user: before it are younger orders, behind it older ones. */
export interface ListPlace {
  /** Microseconds since 1970, in which PostgreSQL counts; an integer as text. */
  createdAtMicros: string
  orderSn: string
}

export interface ListedOrders {
  /** The orders, without their lines. */
  orders: StoredOrder[]
  /** Place of the last of them; absent if there are no more. */
  next?: ListPlace
}

/**
 * Lists the orders of a user, the youngest first. Left out are requests that were refused, and orders that were deleted. An order keeps its
 * place, so that whoever goes on behind one meets every older one once, whatever comes in meanwhile.
 * @param after the place behind which to go on @default the youngest
 */
export async function listOrders(
  db: Database,
  { userId, status, after, limit }: { userId: number; status?: OrderStatus; after?: ListPlace; limit: number },
): Promise<ListedOrders> {
  // The youngest of each status, and of these the youngest: an order of a rare status is found without reading those of the others.
  const { rows } = await sql<OrderRow & { micros: string }>`
    select o.*, ${microsOf(sql`o.created_at`)} as micros
    from unnest(${status ? [status] : ORDER_STATUSES}::text[]) as one (status), lateral (
      select ${ORDER_COLUMNS} from orders
      where user_id = ${userId} and status = one.status and deleted_at is null and (confirmed_at is not null or status in ('CREATING', 'IN_DOUBT'))
        and (${after?.orderSn ?? null}::text is null or (created_at, order_sn) <
          (${momentOf(after?.createdAtMicros ?? '0')}, ${after?.orderSn ?? ''}::text collate "C"))
      order by created_at desc, order_sn desc limit ${limit + 1}) o
    order by o.created_at desc, o.order_sn desc limit ${limit + 1}`.execute(db)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    orders: shown.map(orderOf),
    ...(last && rows.length > limit && { next: { createdAtMicros: last.micros, orderSn: last.order_sn } }),
  }
}
