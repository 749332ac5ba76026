import { sql } from 'kysely'
import type { Database } from '../../store/database.ts'

/** Room that a table takes, in bytes. */
export interface TableBytes {
  table: string
  rows: number
  heap: number
  indexes: number
}

/** Room of each table that grows with the orders, as PostgreSQL counts it; rows by their number at the last ANALYZE. */
export async function bytesOfTables(db: Database): Promise<TableBytes[]> {
  const { rows } = await sql<TableBytes>`
    select c.relname as "table", greatest(c.reltuples, 0)::float8 as rows, pg_table_size(c.oid)::float8 as heap, pg_indexes_size(c.oid)::float8 as indexes
    from pg_class c where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
      and c.relname ~ '^(orders|order_lines|payments|order_audit|order_events)(_archive)?$'
    order by 1`.execute(db)
  return rows
}
