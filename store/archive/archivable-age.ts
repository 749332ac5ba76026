import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { ARCHIVABLE } from './archivable.ts'

/**
 * Returns for how long the order has been due to be archived that has been due for longest, in seconds; 0 if none is. One of which a payment is to be given
 * back is not due. Answered from the index of orders that are over.
 */
export async function archivableAge(db: Database, olderThanMs: number): Promise<number> {
  const { rows } = await sql<{ seconds: number }>`
    select coalesce(extract(epoch from now() - make_interval(secs => ${olderThanMs / 1_000}::float8) - (
      select updated_at from only orders o
      where ${sql.raw(ARCHIVABLE)} and updated_at < now() - make_interval(secs => ${olderThanMs / 1_000}::float8)
        and not exists (select from payments p where p.order_sn = o.order_sn and p.refund = 'owed')
      order by updated_at limit 1)), 0)::float8 as seconds`.execute(db)
  return rows[0]?.seconds ?? 0
}
