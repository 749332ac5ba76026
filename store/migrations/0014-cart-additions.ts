import { type Kysely, sql } from 'kysely'

/** Adds the keys under which goods were added to carts, each kept for a while: whoever got no answer sends the same once more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table cart_additions (
      user_id  integer not null,
      key      text not null,
      goods_id integer not null,
      num      integer not null,
      at       timestamptz not null default now(),
      primary key (user_id, key)
    )`.execute(db)
  await sql`create index cart_additions_at on cart_additions (at)`.execute(db)
}
