import { sql } from 'kysely'
import type { Database } from '../../store/database.ts'

const TABLES = ['orders', 'order_lines', 'payments', 'cart_items', 'imported_carts', 'order_events', 'order_audit']
const SEQUENCES = ['orders_id_seq', 'order_lines_id_seq', 'cart_items_id_seq']

/** Returns all that an import writes, in an order of its own: two equal answers mean two equal stores. */
export async function everything(db: Database): Promise<unknown[]> {
  const found: unknown[] = []
  for (const table of TABLES) found.push((await sql`select * from ${sql.id(table)} t order by t::text`.execute(db)).rows)
  for (const sequence of SEQUENCES) found.push((await sql`select last_value from ${sql.id(sequence)}`.execute(db)).rows)
  return found
}
