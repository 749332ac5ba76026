import { type Kysely, sql } from 'kysely'

/** Key of the advisory lock that a batch of the archiving holds, and those who must find every order where it stands (store/archive/orders-stay.ts). */
const MOVING = 1_667_330_682

/** Columns that hold, or may hold, what names a person: no statistics of them are taken (0018-recipients.ts). */
const PERSONAL = ['address', 'name', 'mobile', 'post', 'request_id', 'workflow_id', 'sealed', 'placed_by']

/**
 * Adds the archive: tables that inherit from those of the orders, so that whatever reads or changes `orders` finds the archived ones as well, in one
 * snapshot, whichever build it is of. Columns that are added to the parents later come to the archive by themselves; indexes and triggers do not.
 * Nothing is moved yet.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  // PostgreSQL leaves the archive alone, by this status, in every statement about orders that are not over.
  await sql`
    create table orders_archive (
      primary key (order_sn),
      constraint orders_archive_request unique (user_id, request_id),
      constraint orders_archive_is_over check (status in ('TRADE_CLOSED', 'TRADE_FINISHED'))
    ) inherits (orders)`.execute(db)
  for (const column of PERSONAL) await sql`alter table orders_archive alter column ${sql.id(column)} set statistics 0`.execute(db)
  await sql`
    create table order_lines_archive (
      primary key (order_sn, goods_id), foreign key (order_sn) references orders_archive
    ) inherits (order_lines)`.execute(db)
  await sql`
    create table payments_archive (
      primary key (provider, payment_id), constraint payments_archive_owes_nothing check (refund <> 'owed')
    ) inherits (payments)`.execute(db)
  await sql`create index payments_archive_order on payments_archive (order_sn, received_at)`.execute(db)
  await sql`create table order_audit_archive (primary key (id)) inherits (order_audit)`.execute(db)
  await sql`create index order_audit_archive_order_sn on order_audit_archive (order_sn, id)`.execute(db)

  // An archived order may be hidden, be paid too late, and be found to owe a Reback after all: then it is looked for as any other is.
  await sql`create index orders_archive_unsettled on orders_archive (updated_at) where status = 'CREATING' or stock_state = 'returning'`.execute(
    db,
  )
  await sql`create index orders_archive_owing on orders_archive (updated_at) where status = 'CREATING' or owed <> '{}'`.execute(
    db,
  )
  await sql`create index orders_archive_in_doubt on orders_archive (updated_at) where stock_state = 'in_doubt'`.execute(db)
  await sql`
    create trigger orders_owed before update of status, stock_state, held, owed on orders_archive
    for each row execute function orders_owed()`.execute(db)
  await sql`
    create trigger orders_life before update of status, stock_state, deleted_at on orders_archive
    for each row execute function orders_life()`.execute(db)
  await sql`
    create trigger orders_event_of_update after update of status, stock_state, deleted_at on orders_archive
    for each row when (order_event_type(old.status, new.status, old.stock_state, new.stock_state,
      old.deleted_at is not null, new.deleted_at is not null) is not null)
    execute function orders_event()`.execute(db)

  // No index is above both tables. What reports a payment again finds the archived one here, whichever build reports it.
  await sql`
    create function payments_known() returns trigger language plpgsql as $$
    begin
      -- Both tables: one that is being moved at this moment is in one of them.
      if exists (select from payments p where p.provider = new.provider and p.payment_id = new.payment_id) then return null; end if;
      return new;
    end $$`.execute(db)
  await sql`create trigger payments_known before insert on payments for each row execute function payments_known()`.execute(db)

  await addMoving(db)
}

/**
 * Adds the function that moves a batch, the only one that takes orders out of their table. It runs in the name of the owner of the tables: starters,
 * workers and operators may delete no order and no entry of an audit trail otherwise.
 */
async function addMoving(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db)
  const schema = rows[0]?.schema ?? 'public'
  await sql`
    create function archive_orders(older_than interval, at_most integer) returns integer
    language plpgsql security definer set search_path = ${sql.id(schema)}, pg_temp as $$
    declare moved integer;
    begin
      if not pg_try_advisory_xact_lock(${sql.lit(MOVING)}) then return null; end if;
      -- One statement, hence one moment: whoever reads meanwhile finds an order in one of the tables, never in none, never in both.
      with old as materialized (
        select o.order_sn from only orders o
        where (o.status = 'TRADE_FINISHED' or o.status = 'TRADE_CLOSED' and o.stock_state in ('none', 'returned')) and o.owed = '{}'
          and o.updated_at < now() - older_than
          and not exists (select from payments p where p.order_sn = o.order_sn and p.refund = 'owed')
        order by o.updated_at limit at_most for update of o skip locked
      ),
      o as (delete from only orders o using old where o.order_sn = old.order_sn returning o.*),
      l as (delete from only order_lines l using old where l.order_sn = old.order_sn returning l.*),
      p as (delete from only payments p using old where p.order_sn = old.order_sn returning p.*),
      a as (delete from only order_audit a using old where a.order_sn = old.order_sn returning a.*),
      archived as (insert into orders_archive select * from o),
      archived_lines as (insert into order_lines_archive select * from l),
      archived_payments as (insert into payments_archive select * from p),
      archived_audit as (insert into order_audit_archive select * from a)
      select count(*) into moved from o;
      return moved;
    end $$`.execute(db)
  await sql`revoke all on function archive_orders(interval, integer) from public`.execute(db)
}
