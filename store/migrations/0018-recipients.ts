import { type Kysely, sql } from 'kysely'

/** Columns that hold, or may hold, what names a person. What callers chose as a key may be an e-mail address, and a run's id may hold that key. */
const PERSONAL = {
  orders: ['address', 'name', 'mobile', 'post', 'request_id', 'workflow_id'],
  cart_additions: ['key'],
}

/**
 * Forgets who was to receive an order that was refused, whoever closes it: a worker of the release before as well. Rows of before are purged
 * beside the orders that are being created (store/forget-recipients.ts). Statistics of columns that name people are neither taken nor kept: anybody
 * who may read the table could read them in pg_stats, also of rows that are gone.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function orders_forget() returns trigger language plpgsql as $$
    begin
      new.address := null;
      new.name := null;
      new.mobile := null;
      new.post := null;
      return new;
    end $$`.execute(db)
  // An imported one may have been paid before its source closed it: it goes by its age.
  await sql`
    create trigger orders_forget before insert or update of status on orders
    for each row when (new.status = 'TRADE_CLOSED' and new.confirmed_at is null and new.imported_sn is null)
    execute function orders_forget()`.execute(db)
  for (const [table, columns] of Object.entries(PERSONAL)) {
    const changes = columns.flatMap((column) => [
      // The type stays, so that nothing is rewritten; PostgreSQL drops what it had gathered.
      sql`alter column ${sql.id(column)} type text`,
      sql`alter column ${sql.id(column)} set statistics 0`,
    ])
    for (const change of changes) await sql`alter table ${sql.id(table)} ${change}`.execute(db)
  }
}
