import { sql } from 'kysely'
import type { Database } from '../database.ts'

/** Highest ids of the source's rows; 0 if there are none. */
export interface HighestIds {
  orders: number
  orderLines: number
  cartItems: number
}

/** Sets the sequences of ids above those of the source, so that no row of ours gets the id of one that is still to come. They never go back. */
export async function raiseIds(db: Database, { orders, orderLines, cartItems }: HighestIds): Promise<void> {
  const above = { orders_id_seq: orders, order_lines_id_seq: orderLines, cart_items_id_seq: cartItems }
  for (const [sequence, highest] of Object.entries(above)) {
    await sql`
      select setval(${sequence}::regclass, ${highest}::bigint) from ${sql.id(sequence)} where last_value < ${highest}::bigint`.execute(
      db,
    )
  }
}
