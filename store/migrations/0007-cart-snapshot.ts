import { type Kysely, sql } from 'kysely'

/**
 * Adds what goods were called, and cost, when they were put into a cart. It is shown, and never trusted for an order. Rows of before have
 * none, and rows that the release before writes neither.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table cart_items
      add column name text,
      add column image text,
      -- Minor units, of one piece; null as well if the goods had no exact price.
      add column price bigint,
      add column currency text,
      add column at timestamptz`.execute(db)
}
