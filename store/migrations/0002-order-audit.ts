import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  // Numbers in the order of their bytes, whatever the server's locale: the order in which the inventory lists its sales.
  await sql`alter table orders alter column order_sn type text collate "C"`.execute(db)
  await sql`alter table order_lines alter column order_sn type text collate "C"`.execute(db)

  // No foreign key: the inventory may hold a sale of an order that the store never had, and its repair is recorded too.
  await sql`
    create table order_audit (
      id       bigint generated always as identity primary key,
      order_sn text collate "C" not null,
      at       timestamptz not null default now(),
      verb     text not null,
      by       text not null,
      why      text not null,
      before   jsonb not null,
      after    jsonb not null
    )`.execute(db)
  await sql`create index order_audit_order_sn on order_audit (order_sn, id)`.execute(db)

  // What stock and orders added up to at a moment when somebody vouched for both.
  await sql`
    create table stock_baselines (
      goods_id integer primary key,
      pieces   bigint not null,
      at       timestamptz not null default now()
    )`.execute(db)

  // The last row is what the gauges of every process show.
  await sql`
    create table reconciliations (
      id      bigint generated always as identity primary key,
      at      timestamptz not null default now(),
      summary jsonb not null
    )`.execute(db)
}
