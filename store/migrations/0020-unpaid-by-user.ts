import { type Kysely, sql } from 'kysely'

/** Key of the advisory locks of users: their second half is the user's id. */
const USER_LOCK = 1_667_330_679

/**
 * Adds the count of what users hold without having paid it. It locks the users to the end of its transaction, in their order, and then counts by a
 * snapshot of its own, as every query of a volatile function does: whoever opens an order of the same user meanwhile waits, and counts this one.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create function unpaid_by_user(users integer[]) returns table (user_id integer, orders bigint, pieces bigint, value bigint, has_creating boolean)
    language plpgsql volatile as $$
    declare one integer;
    begin
      for one in select distinct u from unnest(users) u order by u loop
        perform pg_advisory_xact_lock(${sql.lit(USER_LOCK)}, one);
      end loop;
      return query
        select u.id, count(o.order_sn), coalesce(sum(l.pieces), 0)::bigint, coalesce(sum(o.total), 0)::bigint,
          coalesce(bool_or(o.status = 'CREATING'), false)
        from (select distinct unnest(users) as id) u
        left join orders o on o.user_id = u.id and o.status in ('CREATING', 'PAYING', 'WAIT_BUYER_PAY')
        left join lateral (select sum((line ->> 'num')::bigint) as pieces from jsonb_array_elements(o.lines) line) l on true
        group by u.id;
    end $$`.execute(db)
}
