import { type Kysely, sql } from 'kysely'

/**
 * Adds what an order holds of each participant, and what it owes them: a set, since each is paid back by itself. PostgreSQL keeps `owed` true,
 * whoever writes the row: a worker of the release before, which knows of the stock alone and writes `stock_state`, as well.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table orders
      -- By participant, what the order asked of it and holds or may hold, until it is given back; of the inventory stock_state says it.
      add column held jsonb not null default '{}' check (jsonb_typeof(held) = 'object'),
      -- Names of the participants to whom what is held is to be given back.
      add column owed text[] not null default '{}'`.execute(db)
  await sql`
    create function orders_owed() returns trigger language plpgsql as $$
    begin
      new.owed := array(
        select 'inventory' where new.stock_state = 'returning'
        union all
        select name from jsonb_object_keys(new.held) as held (name) where new.status = 'TRADE_CLOSED');
      return new;
    end $$`.execute(db)
  await sql`
    create trigger orders_owed before insert or update of status, stock_state, held, owed on orders
    for each row execute function orders_owed()`.execute(db)
  // Those in flight: the trigger does it.
  await sql`update orders set owed = '{}' where stock_state = 'returning'`.execute(db)
  // Beside orders_unsettled, by which the release before finds them.
  await sql`create index orders_owing on orders (updated_at) where status = 'CREATING' or owed <> '{}'`.execute(db)
}
