import { sql } from 'kysely'
import type { Recipient } from '../../contracts/create-order.ts'
import { dataKeyIdIn } from '../../contracts/sealed-recipient.ts'
import { ordersStay } from '../archive/orders-stay.ts'
import type { Database } from '../database.ts'

/** An order of which the recipient stands in clear. */
export interface OrderInClear {
  orderSn: string
  userId: number
  recipient: Required<Recipient>
}

/**
 * Looks at the next rows, in the order of their numbers, for recipients in clear. However few there are, one statement looks at `atMost` rows.
 * @param after number of the last row that was looked at; `''` at first
 * @returns those orders, and the number of the last row; without it there are no further rows
 */
export async function recipientsInClear(
  db: Database,
  { after, atMost }: { after: string; atMost: number },
): Promise<{ orders: OrderInClear[]; last?: string }> {
  const { rows } = await sql<{ order_sn: string; user_id: number; in_clear: boolean } & Required<Recipient>>`
    select order_sn, user_id, coalesce(address, name, mobile, post) is not null as in_clear, coalesce(address, '') as address,
      coalesce(name, '') as name, coalesce(mobile, '') as mobile, coalesce(post, '') as post
    from orders where order_sn > ${after} order by order_sn limit ${atMost}`.execute(db)
  const orders = rows
    .filter((row) => row.in_clear)
    .map(({ order_sn, user_id, address, name, mobile, post }) => ({
      orderSn: order_sn,
      userId: user_id,
      recipient: { address, name, mobile, post },
    }))
  const last = rows.at(-1)?.order_sn
  return { orders, ...(last !== undefined && { last }) }
}

/**
 * Puts sealed recipients in the place of those in clear. One that was forgotten or erased meanwhile stays so. The keys are locked ahead of the rows, as by
 * an erasure.
 * @returns the number of rows that are sealed now
 */
export async function sealRows(db: Database, orders: readonly { orderSn: string; sealed: string }[]): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    await ordersStay(trx)
    return await seal(trx, orders)
  })
}

async function seal(trx: Database, orders: readonly { orderSn: string; sealed: string }[]): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    with sealing as (
      select * from unnest(
        ${orders.map(({ orderSn }) => orderSn)}::text[], ${orders.map(({ sealed }) => sealed)}::text[],
        ${orders.map(({ sealed }) => dataKeyIdIn(sealed) ?? null)}::uuid[]) as s (order_sn, sealed, data_key)
    ),
    key as materialized (
      select k.id from recipient_keys k where k.id in (select data_key from sealing) order by k.user_id for key share
    ),
    clear as materialized (
      select o.order_sn from orders o
      where (select count(*) from key) > 0 and o.order_sn in (select s.order_sn from sealing s join key on key.id = s.data_key)
        and o.sealed is null and coalesce(o.address, o.name, o.mobile, o.post) is not null
      order by o.order_sn for update of o
    )
    update orders o set sealed = s.sealed, address = null, name = null, mobile = null, post = null
    from clear join sealing s using (order_sn) where o.order_sn = clear.order_sn`.execute(trx)
  return Number(numAffectedRows)
}
