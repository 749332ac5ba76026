import { sql } from 'kysely'
import type { Database } from '../../store/database.ts'

/** Memory for building one index. */
const BUILD_MEMORY = '512MB'

interface Extra {
  table: string
  name: string
  definition: string
  /** `p`, `u` or `f` as in pg_constraint; `i` for an index of no constraint. */
  kind: string
}

/**
 * Runs something on the tables of the orders while they have neither indexes nor keys, and builds all of these behind it: each from its rows in order, which takes a
 * fraction of what they cost row by row.
 */
export async function withoutIndexes(db: Database, fill: () => Promise<void>, log: (line: string) => void): Promise<void> {
  const extras = await extrasOf(db)
  // Foreign keys rest on primary keys.
  const inOrder = ['p', 'u', 'i', 'f'].flatMap((kind) => extras.filter((extra) => extra.kind === kind))
  for (const { kind, table, name } of [...inOrder].reverse()) {
    await (kind === 'i'
      ? sql`drop index ${sql.id(name)}`
      : sql`alter table ${sql.id(table)} drop constraint ${sql.id(name)}`
    ).execute(db)
  }
  await fill()
  for (const { kind, table, name, definition } of inOrder) {
    await db.connection().execute(async (session) => {
      await sql`set maintenance_work_mem = ${sql.lit(BUILD_MEMORY)}`.execute(session)
      await (kind === 'i'
        ? sql.raw(definition)
        : sql`alter table ${sql.id(table)} add constraint ${sql.id(name)} ${sql.raw(definition)}`
      ).execute(session)
      await sql`reset maintenance_work_mem`.execute(session)
    })
  }
  // Else PostgreSQL would do so by itself while somebody measures.
  await sql`vacuum (analyze)`.execute(db)
  log(`  ${inOrder.length} indexes and keys`)
}

/** Returns the indexes and keys of the tables that grow with the orders, and the foreign keys that lead there. */
async function extrasOf(db: Database): Promise<Extra[]> {
  const { rows } = await sql<Extra>`
    with growing as (
      select oid, relname as "table" from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace
        and relname ~ '^(orders|order_lines|payments|order_audit|order_events)(_archive)?$'
    )
    select c.conrelid::regclass::text as "table", conname as name, contype as kind, pg_get_constraintdef(c.oid) as definition
    from growing g join pg_constraint c on c.conrelid = g.oid and contype in ('p', 'u') or c.confrelid = g.oid
    union all
    select "table", i.indexrelid::regclass::text, 'i', pg_get_indexdef(i.indexrelid)
    from growing g join pg_index i on i.indrelid = g.oid
    where not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u'))
    order by 1, 2`.execute(db)
  return rows
}
