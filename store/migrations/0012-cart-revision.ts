import { type Kysely, sql } from 'kysely'

/**
 * Lets every edit of a cart raise its revision (docs/adr/0019). PostgreSQL does it, whoever edits: a starter of the release before as well,
 * which knows of no revision. An order that is confirmed takes goods out of the cart too and is no edit: it sets `num` alone, or deletes. Hence
 * what is deleted raises nothing by itself; whoever removes goods for a user says so (cart-store.ts).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Number of keys of the cart's revision that a refusal has spent, for each request; no row: none.
  await sql`
    create table cart_refusals (
      user_id     integer not null,
      -- The part of the request's fingerprint that stands in its key.
      fingerprint text collate "C" not null,
      revision    bigint not null,
      spent       integer not null,
      primary key (user_id, fingerprint)
    )`.execute(db)
  await sql`
    create function raise_cart_revision(of integer) returns void language plpgsql as $$
    begin
      insert into cart_revisions (user_id, revision) values (of, 1)
        on conflict (user_id) do update set revision = cart_revisions.revision + 1;
      delete from cart_refusals where user_id = of;
    end $$`.execute(db)
  await sql`
    create function cart_edited() returns trigger language plpgsql as $$
    begin
      perform raise_cart_revision(new.user_id);
      return null;
    end $$`.execute(db)
  await sql`create trigger cart_item_put after insert on cart_items for each row execute function cart_edited()`.execute(db)
  await sql`
    create trigger cart_item_changed after update of checked on cart_items for each row
    when ((old.num, old.checked) is distinct from (new.num, new.checked)) execute function cart_edited()`.execute(db)
}
