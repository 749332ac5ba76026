import { sql } from 'kysely'
import type { Database } from './database.ts'

/**
 * Reads what a further order of each user may come to, in minor units, until the user holds more than the cap unpaid. As long as an order of a user
 * is CREATING no other one of theirs is opened or confirmed, so what is read while it is CREATING holds to its end, or has grown.
 */
export async function valueLeft(db: Database, userIds: readonly number[], cap: number): Promise<ReadonlyMap<number, number>> {
  if (cap === 0 || userIds.length === 0) return new Map()
  const { rows } = await sql<{ user_id: number; value: string }>`
    select user_id, coalesce(sum(total), 0)::bigint as value from orders
    where user_id = any(${[...new Set(userIds)]}::integer[]) and status in ('CREATING', 'PAYING', 'WAIT_BUYER_PAY')
    group by user_id`.execute(db)
  return new Map(rows.map(({ user_id, value }) => [user_id, cap - Number(value)]))
}
