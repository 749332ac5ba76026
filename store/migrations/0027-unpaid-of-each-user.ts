import { type Kysely, sql } from 'kysely'

/** Key of the advisory locks of users, as 0020-unpaid-by-user.ts has it. */
const USER_LOCK = 1_667_330_679

/**
 * Counts what each user holds unpaid by a look of its own at the orders of this user, and does nothing else that 0020-unpaid-by-user.ts did not. PostgreSQL
 * keeps a function's plan for a connection: one that was made while there were few orders read all of them for each batch.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function unpaid_by_user(users integer[])
    returns table (user_id integer, orders bigint, pieces bigint, value bigint, has_creating boolean)
    language plpgsql volatile as $$
    declare one integer;
    begin
      for one in select distinct u from unnest(users) u order by u loop
        perform pg_advisory_xact_lock(${sql.lit(USER_LOCK)}, one);
      end loop;
      return query
        select u.id, held.orders, held.pieces, held.value, held.has_creating
        from (select distinct unnest(users) as id) u, lateral (
          select count(*) as orders, coalesce(sum(l.pieces), 0)::bigint as pieces, coalesce(sum(o.total), 0)::bigint as value,
            coalesce(bool_or(o.status = 'CREATING'), false) as has_creating
          from orders o
          left join lateral (select sum((line ->> 'num')::bigint) as pieces from jsonb_array_elements(o.lines) line) l on true
          where o.user_id = u.id and o.status in ('CREATING', 'PAYING', 'WAIT_BUYER_PAY')) held;
    end $$`.execute(db)
}
