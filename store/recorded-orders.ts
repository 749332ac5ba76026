import { sql } from 'kysely'
import type { Database } from './database.ts'

/** Returns the numbers among these that have a row. */
export async function recordedOrders(db: Database, orderSns: readonly string[]): Promise<string[]> {
  const found = db
    .selectFrom('orders')
    .select('order_sn as orderSn')
    .where('order_sn', '=', sql<string>`any(${orderSns}::text[])`)
  return (await found.execute()).map(({ orderSn }) => orderSn)
}
