import type { Database } from './database.ts'
import { readOrders } from './order-rows.ts'
import type { StoredOrder } from './stored-order.ts'

/** @returns those of the orders that there are, by number */
export async function getOrders(db: Database, orderSns: readonly string[]): Promise<Map<string, StoredOrder>> {
  const stored = await readOrders(db, orderSns)
  return new Map([...stored].map(([orderSn, { order }]) => [orderSn, order]))
}

/** @returns the order that has this integer, if there is one */
export async function getOrderById(db: Database, id: number): Promise<StoredOrder | undefined> {
  const row = await db.selectFrom('orders').select('order_sn').where('id', '=', id).executeTakeFirst()
  return row && (await getOrder(db, row.order_sn))
}

export async function getOrder(db: Database, orderSn: string): Promise<StoredOrder | undefined> {
  return (await getOrders(db, [orderSn])).get(orderSn)
}
