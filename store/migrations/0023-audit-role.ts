import { type Kysely, sql } from 'kysely'

/**
 * Adds the account under which each entry of an audit trail was written. PostgreSQL fills it in; nobody but the owner of the table may do so
 * (store/roles/rights.ts). Entries of before have none: hence the default comes after the column.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table order_audit add column role text`.execute(db)
  await sql`alter table order_audit alter column role set default session_user`.execute(db)
}
