import { type Kysely, sql } from 'kysely'

/**
 * Adds what seals recipients: a data key of each user, wrapped by a key that the database does not have, the sealed recipient of an order, and the
 * record of who read or erased any. Whoever deletes a user's key has erased all their recipients, those in backups of the orders included. Columns are
 * added without a default, so that no row is rewritten.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table recipient_keys (
      user_id    integer primary key,
      id         uuid not null unique,
      wrapped    bytea not null,
      kek        text not null,
      created_at timestamptz not null default now()
    )`.execute(db)
  await sql`alter table recipient_keys alter column wrapped set statistics 0`.execute(db)
  await sql`
    create table recipient_log (
      id       bigint generated always as identity primary key,
      at       timestamptz not null default now(),
      verb     text not null check (verb in ('read', 'erase')),
      user_id  integer not null,
      order_sn text,
      by       text not null,
      why      text
    )`.execute(db)
  await sql`alter table orders add column sealed text`.execute(db)
  await sql`alter table orders alter column sealed set statistics 0`.execute(db)
  await sql`
    create or replace function orders_forget() returns trigger language plpgsql as $$
    begin
      new.address := null;
      new.name := null;
      new.mobile := null;
      new.post := null;
      new.sealed := null;
      return new;
    end $$`.execute(db)
}
