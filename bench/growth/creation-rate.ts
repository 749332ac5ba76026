import { sql } from 'kysely'
import type { Database } from '../../store/database.ts'
import { orderStore } from '../../store/order-store.ts'
import { confirmationsOf, newOrders } from './new-orders.ts'

/** Orders of a batch, as the lane sends them, and batches of a turn. */
const BATCH = 50
const BATCHES = 20

export interface Creation {
  ordersPerSecond: number
  /** Bytes that PostgreSQL wrote into its log for each order. */
  walBytes: number
}

/**
 * Opens and confirms orders, batch after batch, each statement committed as in the shop; they stay in the store.
 * @param turn other orders in each
 */
export async function creationRate(db: Database, turn: number): Promise<Creation> {
  const store = orderStore(db)
  const written = await logPlace(db)
  const begun = performance.now()
  for (let batch = 0; batch < BATCHES; batch++) {
    const orders = newOrders((turn * BATCHES + batch) * BATCH, BATCH)
    await store.openOrders(orders)
    await store.confirmOrders(confirmationsOf(orders))
  }
  const tookMs = performance.now() - begun
  const orders = BATCHES * BATCH
  return { ordersPerSecond: (orders * 1_000) / tookMs, walBytes: ((await logPlace(db)) - written) / orders }
}

async function logPlace(db: Database): Promise<number> {
  const { rows } = await sql<{ place: number }>`select (pg_current_wal_insert_lsn() - '0/0')::float8 as place`.execute(db)
  return rows[0]?.place ?? Number.NaN
}
