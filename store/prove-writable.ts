import { sql } from 'kysely'
import type { Database } from './database.ts'

/**
 * Writes for real, since a server that answers reads may take no writes: a replica, one set to read-only, one whose disk is full,
 * one that waits for a synchronous replica. Updating a row in place finds the first and the last; what fills a disk is files
 * that grow, so some kilobytes are spilled into a temporary one as well.
 * @throws the database's error; 42P01 if our tables are missing
 */
export async function proveWritable(db: Database): Promise<void> {
  await sql`
    with written as (update store_probe set at = now() returning one),
      -- The smallest memory that PostgreSQL knows, for this statement alone: 4,000 numbers need twice that.
      setting as materialized (select length(set_config('work_mem', '64kB', true)) as four)
    select (select count(*) from written) as rows, (select count(*) from setting, generate_series(1, four * 1000)) as spilled,
      exists (select from orders) as any_orders`.execute(db)
}
