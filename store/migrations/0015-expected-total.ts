import { type Kysely, sql } from 'kysely'

/** Adds the total to which a buyer agreed: an order in doubt may be kept at the prices of a later day. Rows of before have none. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table orders
      -- {amount, currency}
      add column expected_total jsonb`.execute(db)
}
