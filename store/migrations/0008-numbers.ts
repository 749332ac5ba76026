import { type Kysely, sql } from 'kysely'

/**
 * Adds integers by which callers of the gRPC contract name orders, their lines and the rows of carts, and the revision of a cart. New rows get
 * their integer from a sequence, whichever build inserts them; those that are there get theirs afterwards, beside the orders that are being
 * created (number-rows.ts), since a default for all would rewrite the tables under a lock.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const table of ['orders', 'order_lines', 'cart_items']) {
    const sequence = `${table}_id_seq`
    await sql`alter table ${sql.id(table)} add column id integer`.execute(db)
    await sql`create sequence ${sql.id(sequence)} as integer owned by ${sql.id(table, 'id')}`.execute(db)
    // Whoever may insert rows numbers them: a role that has rights on the tables alone is not refused its inserts from here on.
    await sql`grant usage on sequence ${sql.id(sequence)} to public`.execute(db)
    await sql`alter table ${sql.id(table)} alter column id set default nextval(${sql.lit(sequence)}::regclass)`.execute(db)
  }
  await sql`
    create table cart_revisions (
      user_id  integer primary key,
      revision bigint not null
    )`.execute(db)
}
