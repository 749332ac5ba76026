import { type Kysely, sql } from 'kysely'

/** An order is created once: its event is not written again when its buyer begins to pay (WAIT_BUYER_PAY to PAYING). Nothing else is changed of 0006-order-life.ts. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function order_event_type(
      was_status text, status text, was_stock text, stock text, was_deleted boolean, deleted boolean)
    returns text language sql immutable as $$
      select case
        when deleted and not was_deleted then 'order.deleted'
        when stock = 'in_doubt' and was_stock <> 'in_doubt' then 'order.in_doubt'
        when stock <> 'in_doubt' and was_stock = 'in_doubt' then 'order.settled'
        when status = was_status then null
        when status in ('PAYING', 'WAIT_BUYER_PAY') and was_status in ('PAYING', 'WAIT_BUYER_PAY') then null
        when status in ('PAYING', 'WAIT_BUYER_PAY') then 'order.created'
        when status = 'TRADE_SUCCESS' then 'order.paid'
        when status = 'TRADE_FINISHED' then 'order.finished'
        when status = 'TRADE_CLOSED' then 'order.closed'
      end $$`.execute(db)
}
