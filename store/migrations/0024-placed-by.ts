import { type Kysely, sql } from 'kysely'

/** Adds the subject of the caller who placed an order. It may be an e-mail address, so no statistics of it are taken (0018-recipients.ts). */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table orders add column placed_by text`.execute(db)
  await sql`alter table orders alter column placed_by set statistics 0`.execute(db)
}
