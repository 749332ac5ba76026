import { type Kysely, sql } from 'kysely'

/**
 * Adds what an order comes to after its creation: payments, moments, and the outbox. PostgreSQL itself numbers and writes the events, in the
 * statement that changes the row, whoever writes it: a worker of the release before as well, which knows nothing of events.
 *
 * Columns without a constraint are added without reading the table, and so without holding up anybody; the indexes come after it, beside the
 * orders that are being created (indexes.ts).
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    alter table orders
      add column paid_at timestamptz,
      add column finished_at timestamptz,
      add column closed_at timestamptz,
      -- Why it was closed: refused, cancelled, expired or deleted.
      add column closed_for text,
      -- When its owner hid it.
      add column deleted_at timestamptz,
      -- Number of its last event, and the transaction by which the feed places it: never below that of the event before.
      add column event_seq integer not null default 0,
      add column event_xact bigint not null default 0`.execute(db)

  // No foreign key to orders: old orders move out of the way one day, and money that was reported stays reported.
  await sql`
    create table payments (
      provider    text not null,
      payment_id  text not null,
      order_sn    text collate "C" not null,
      amount      bigint not null check (amount >= 0),
      currency    text not null,
      paid_at     timestamptz not null,
      received_at timestamptz not null default now(),
      outcome     text not null check (outcome in ('accepted', 'late', 'duplicate', 'mismatch')),
      refund      text not null check (refund in ('none', 'owed', 'refunded')),
      refunded_at timestamptz,
      refunded_by text,
      refunded_why text,
      primary key (provider, payment_id),
      constraint payments_refund_follows check ((outcome = 'accepted') = (refund = 'none')),
      constraint payments_refunded_by_somebody check ((refund = 'refunded') = (refunded_at is not null and refunded_by is not null))
    )`.execute(db)
  await sql`create index payments_order on payments (order_sn, received_at)`.execute(db)
  // An order is paid once, whatever a statement of ours might say.
  await sql`create unique index payments_one_accepted on payments (order_sn) where outcome = 'accepted'`.execute(db)
  await sql`create index payments_refund_owed on payments (received_at) where refund = 'owed'`.execute(db)

  // Four columns have the names by which Debezium's outbox event router finds them.
  await sql`
    create table order_events (
      id            bigint generated always as identity,
      aggregatetype text not null default 'order',
      aggregateid   text collate "C" not null,
      type          text not null,
      payload       jsonb not null,
      seq           integer not null,
      xact          bigint not null,
      at            timestamptz not null default now(),
      primary key (aggregateid, seq)
    )`.execute(db)
  await sql`create unique index order_events_feed on order_events (xact, id)`.execute(db)

  // How far a consumer of ours has come in the feed; what it could not deliver waits in event_retries.
  await sql`
    create table event_cursors (
      name text primary key,
      xact bigint not null,
      id   bigint not null
    )`.execute(db)
  await sql`
    create table event_retries (
      aggregateid  text collate "C" not null,
      seq          integer not null,
      attempts     integer not null default 0,
      try_at       timestamptz not null default now(),
      since        timestamptz not null default now(),
      given_up_at  timestamptz,
      last_error   text,
      primary key (aggregateid, seq),
      foreign key (aggregateid, seq) references order_events on delete cascade
    )`.execute(db)
  await sql`create index event_retries_due on event_retries (try_at) where given_up_at is null`.execute(db)
  await sql`create index event_retries_since on event_retries (since) where given_up_at is null`.execute(db)
  await sql`create index event_retries_given_up on event_retries (given_up_at) where given_up_at is not null`.execute(db)

  // The kind of event that a change of a row is; null if nobody is to hear of it.
  await sql`
    create function order_event_type(was_status text, status text, was_stock text, stock text, was_deleted boolean, deleted boolean)
    returns text language sql immutable as $$
      select case
        when deleted and not was_deleted then 'order.deleted'
        when stock = 'in_doubt' and was_stock <> 'in_doubt' then 'order.in_doubt'
        when stock <> 'in_doubt' and was_stock = 'in_doubt' then 'order.settled'
        when status = was_status then null
        when status in ('PAYING', 'WAIT_BUYER_PAY') then 'order.created'
        when status = 'TRADE_SUCCESS' then 'order.paid'
        when status = 'TRADE_FINISHED' then 'order.finished'
        when status = 'TRADE_CLOSED' then 'order.closed'
      end $$`.execute(db)

  await sql`
    create function orders_life() returns trigger language plpgsql as $$
    begin
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
    create trigger orders_life before insert or update of status, stock_state, deleted_at on orders
    for each row execute function orders_life()`.execute(db)

  // One CloudEvent (https://cloudevents.io, 1.0) of an order. It names the user by number alone, and nothing else of a person. In plpgsql, which
  // keeps its plan: in plain SQL it would be planned anew for each row, and a confirmation take more than twice as long.
  await sql`
    create function order_event(o orders, kind text, details jsonb) returns void language plpgsql as $$
    begin
      insert into order_events (aggregateid, type, seq, xact, payload) values (o.order_sn, kind, o.event_seq, o.event_xact,
        jsonb_build_object(
          'specversion', '1.0', 'id', o.order_sn || '/' || o.event_seq, 'source', '/orders', 'type', kind, 'subject', o.order_sn,
          'time', to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'datacontenttype', 'application/json',
          'sequence', lpad(o.event_seq::text, 10, '0'),
          'data', jsonb_strip_nulls(jsonb_build_object('orderSn', o.order_sn, 'userId', o.user_id, 'status', o.status,
            'total', case when o.total is not null then jsonb_build_object('amount', o.total, 'currency', o.currency) end) || details)));
    end $$`.execute(db)
  await sql`
    create function orders_event() returns trigger language plpgsql as $$
    declare
      kind text := 'order.closed';
      details jsonb := '{}';
    begin
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
  await sql`
    create trigger orders_event_of_insert after insert on orders for each row when (new.status <> 'CREATING')
    execute function orders_event()`.execute(db)
  await sql`
    create trigger orders_event_of_update after update of status, stock_state, deleted_at on orders
    for each row when (order_event_type(old.status, new.status, old.stock_state, new.stock_state,
      old.deleted_at is not null, new.deleted_at is not null) is not null)
    execute function orders_event()`.execute(db)

  await sql`
    create function payments_event() returns trigger language plpgsql as $$
    declare
      o orders;
    begin
      update orders set event_seq = event_seq + 1, event_xact = greatest(event_xact, pg_current_xact_id()::text::bigint)
      where order_sn = new.order_sn returning * into o;
      if not found then return null; end if;
      perform order_event(o, case new.refund when 'owed' then 'payment.refund_owed' else 'payment.refunded' end,
        jsonb_build_object('payment', jsonb_build_object('provider', new.provider, 'paymentId', new.payment_id, 'outcome', new.outcome,
          'amount', jsonb_build_object('amount', new.amount, 'currency', new.currency))));
      return null;
    end $$`.execute(db)
  await sql`
    create trigger payments_event_of_insert after insert on payments for each row when (new.refund = 'owed')
    execute function payments_event()`.execute(db)
  await sql`
    create trigger payments_event_of_update after update of refund on payments
    for each row when (old.refund <> new.refund) execute function payments_event()`.execute(db)
}
