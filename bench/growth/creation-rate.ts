import type { Database } from '../../store/database.ts'
import { orderStore } from '../../store/order-store.ts'
import { confirmationsOf, newOrders } from './new-orders.ts'

/** Orders of a batch, as the lane sends them, and batches of a turn. */
const BATCH = 50
const BATCHES = 20

/**
 * Opens and confirms orders, batch after batch, each statement committed as in the shop; they stay in the store.
 * @param turn other orders in each
 * @returns orders created a second
 */
export async function creationRate(db: Database, turn: number): Promise<number> {
  const store = orderStore(db)
  const begun = performance.now()
  for (let batch = 0; batch < BATCHES; batch++) {
    const orders = newOrders((turn * BATCHES + batch) * BATCH, BATCH)
    await store.openOrders(orders)
    await store.confirmOrders(confirmationsOf(orders))
  }
  return (BATCHES * BATCH * 1_000) / (performance.now() - begun)
}
