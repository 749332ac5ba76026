import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table orders
      -- Whether its inventory honours the order number; an order ends as it began.
      add column keyed boolean not null default true,
      -- When the Sell or Reback was sent whose answer is still to be recorded.
      add column sent_at timestamptz,
      add constraint orders_sent_is_unkeyed check (sent_at is null or not keyed),
      add constraint orders_sent_is_open check (sent_at is null or stock_state in ('selling', 'returning', 'in_doubt')),
      add constraint orders_in_doubt_of_stock check (status <> 'IN_DOUBT' or stock_state = 'in_doubt'),
      add constraint orders_in_doubt_names_lines check (stock_state <> 'in_doubt' or lines is not null)`.execute(db)

  // What an operator looks for stays small, however many orders there are.
  await sql`create index orders_in_doubt on orders (updated_at) where stock_state = 'in_doubt'`.execute(db)
}
