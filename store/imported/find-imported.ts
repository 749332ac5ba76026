import { sql } from 'kysely'
import { type OrderSn, parseOrderSn } from '../../contracts/order.ts'
import type { Database } from '../database.ts'

/**
 * Finds an imported order by the number that it had in the service which this one replaces. Numbers there are not unique: of several orders the one
 * with the lowest id is found, as it was there.
 * @returns its number here; `undefined` if there is none
 */
export async function findImported(db: Database, importedSn: string): Promise<OrderSn | undefined> {
  if (importedSn === '') return undefined
  const { rows } = await sql<{ order_sn: string }>`
    select order_sn from orders where imported_sn = ${importedSn} order by id limit 1`.execute(db)
  return rows[0] && parseOrderSn(rows[0].order_sn)
}
