import { sql } from 'kysely'
import { connectDatabase } from '../store/database.ts'

/** Orders a second that no row reaches: as many carts are filled for each second of a cell. */
const AT_MOST_PER_SECOND = 1_500

let users = 0

/**
 * Fills the carts of users who have never ordered, as many as a cell of this length can order: each order from a cart needs one.
 * @returns the first of these users; the others follow
 */
export async function putCarts(databaseUrl: string, seconds: number, lines: number): Promise<{ firstUser: number }> {
  const count = Math.ceil(seconds * AT_MOST_PER_SECOND)
  const firstUser = users + 1
  users += count
  const db = connectDatabase(databaseUrl, { max: 1, statementTimeoutMs: 60_000 })
  try {
    await sql`
      insert into cart_items (user_id, goods_id, num, checked)
      select user_id, 1 + (user_id * 7 + line * 31) % 1000, 1, true
      from generate_series(${firstUser}::integer, ${users}::integer) as user_id, generate_series(0, ${lines - 1}::integer) as line`.execute(
      db,
    )
    await sql`analyze cart_items`.execute(db)
  } finally {
    await db.destroy()
  }
  return { firstUser }
}
