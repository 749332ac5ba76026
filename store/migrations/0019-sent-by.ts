import { type Kysely, sql } from 'kysely'

/** Adds the token of whoever marked a Sell or Reback without a key: a caller whose reply was lost knows its own mark by it. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table orders add column sent_by text`.execute(db)
}
