import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table orders (
      order_sn        text primary key,
      user_id         integer not null,
      request_id      text not null,
      fingerprint     text not null,
      status          text not null check (status in
                        ('CREATING', 'WAIT_BUYER_PAY', 'PAYING', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED', 'IN_DOUBT')),
      stock_state     text not null check (stock_state in ('none', 'selling', 'sold', 'returning', 'returned', 'in_doubt')),
      from_cart       boolean not null,
      lines           jsonb,
      address         text,
      name            text,
      mobile          text,
      post            text,
      workflow_id     text not null,
      total           bigint,
      currency        text,
      pay_deadline    timestamptz,
      confirmed_at    timestamptz,
      refusal_type    text,
      refusal_code    integer,
      refusal_message text,
      refusal_details jsonb,
      created_at      timestamptz not null default now(),
      updated_at      timestamptz not null default now(),
      constraint orders_request unique (user_id, request_id),
      constraint orders_paying_is_priced check (status not in ('PAYING', 'TRADE_SUCCESS', 'TRADE_FINISHED')
        or (total is not null and currency is not null and pay_deadline is not null and confirmed_at is not null))
    )`.execute(db)

  // The lock: whoever inserts the CREATING row of a user holds it, until the status changes.
  await sql`create unique index orders_one_creating_per_user on orders (user_id) where status = 'CREATING'`.execute(db)
  // What the sweep looks for stays small, however many orders there are.
  await sql`create index orders_unsettled on orders (updated_at) where status = 'CREATING' or stock_state = 'returning'`.execute(
    db,
  )

  await sql`
    create table order_lines (
      order_sn text not null references orders,
      goods_id integer not null,
      name     text not null,
      image    text not null,
      price    bigint not null check (price >= 0),
      num      integer not null check (num >= 1),
      primary key (order_sn, goods_id)
    )`.execute(db)

  await sql`
    create table cart_items (
      user_id  integer not null,
      goods_id integer not null,
      num      integer not null check (num >= 1),
      checked  boolean not null default true,
      primary key (user_id, goods_id)
    )`.execute(db)
}
