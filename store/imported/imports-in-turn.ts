import { sql } from 'kysely'
import { ordersStay } from '../archive/orders-stay.ts'
import type { Database } from '../database.ts'

/** Key of the advisory lock that an import holds for as long as it writes a batch. */
const IMPORTING = 1_768_779_890

/** Waits until no other import writes, and no order moves: two at once would both find the same rows missing. @param trx the transaction of the batch */
export async function importsInTurn(trx: Database): Promise<void> {
  await sql`select pg_advisory_xact_lock(${IMPORTING}::bigint)`.execute(trx)
  await ordersStay(trx)
}
