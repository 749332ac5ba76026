import { type Kysely, sql } from 'kysely'

/**
 * Adds what is kept of orders and carts that were imported from the service which this one replaces. An imported order comes in where it stood
 * there: its moments are those of the source, and its first event is that of its next move, as of orders from before there were events.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table orders
      -- Its number there, empty if it had none; null of an order that was placed here.
      add column imported_sn text,
      -- Digest of the row as it was imported: another one says that the source was changed since.
      add column imported_as text,
      -- How it was to be paid there; null of an order that was placed here.
      add column pay_type text`.execute(db)
  // A cart as it was imported: one that is otherwise now was changed here.
  await sql`create table imported_carts (user_id integer primary key, cart text not null)`.execute(db)

  await sql`
    create or replace function orders_life() returns trigger language plpgsql as $$
    begin
      if tg_op = 'INSERT' and new.imported_sn is not null then return new; end if;
      if new.status = 'TRADE_SUCCESS' and new.paid_at is null then new.paid_at := now(); end if;
      if new.status = 'TRADE_FINISHED' and new.finished_at is null then new.finished_at := now(); end if;
      if new.status = 'TRADE_CLOSED' and (tg_op = 'INSERT' or old.status <> 'TRADE_CLOSED') then
        new.closed_at := now();
        new.closed_for := coalesce(new.closed_for, 'refused');
      end if;
      if tg_op = 'INSERT' then
        if new.status = 'CREATING' then return new; end if;
      elsif order_event_type(old.status, new.status, old.stock_state, new.stock_state, old.deleted_at is not null, new.deleted_at is not null)
        is null then return new;
      end if;
      new.event_seq := new.event_seq + 1;
      new.event_xact := greatest(new.event_xact, pg_current_xact_id()::text::bigint);
      return new;
    end $$`.execute(db)
  await sql`
    create or replace function orders_event() returns trigger language plpgsql as $$
    declare
      kind text := 'order.closed';
      details jsonb := '{}';
    begin
      if tg_op = 'INSERT' and new.imported_sn is not null then return null; end if;
      if tg_op = 'UPDATE' then
        kind := order_event_type(old.status, new.status, old.stock_state, new.stock_state, old.deleted_at is not null, new.deleted_at is not null);
      end if;
      if kind = 'order.created' then
        details := jsonb_build_object('lines', new.lines, 'payDeadline',
          to_char(new.pay_deadline at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'));
      elsif kind = 'order.paid' then
        details := jsonb_build_object('payment', (
          select jsonb_build_object('provider', p.provider, 'paymentId', p.payment_id) from payments p
          where p.order_sn = new.order_sn and p.outcome = 'accepted'));
      elsif new.status = 'TRADE_CLOSED' then
        details := jsonb_build_object('reason', new.closed_for, 'failure', new.refusal_type);
      end if;
      perform order_event(new, kind, details);
      return null;
    end $$`.execute(db)
}
