import { sql } from 'kysely'
import type { Database } from '../database.ts'

/**
 * Finds orders that were closed after their confirmation and still owe something: no run of their creation is at them any more. In any order, or as
 * many as nothing can settle would hold up all others for ever.
 */
export async function findReturning(db: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ order_sn: string }>`
    select order_sn from orders where (status = 'CREATING' or owed <> '{}') and owed <> '{}' and confirmed_at is not null
      and stock_state <> 'in_doubt'
    order by random() limit ${limit}`.execute(db)
  return rows.map(({ order_sn }) => order_sn)
}
