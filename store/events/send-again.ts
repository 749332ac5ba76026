import { sql } from 'kysely'
import type { Database } from '../database.ts'

/** The events that are to be sent again: one of an order, or all that were given up. */
export type EventsToSend = { kind: 'one'; orderSn: string; seq: number } | { kind: 'givenUp' }

/**
 * Has events delivered again, by the next pass, with three days from now on, and records who wanted it in their orders' audit trails. One
 * that was delivered long ago may be sent again as well, as long as it is kept; one that the deliverer has not come to may not.
 * @returns the number of events
 */
export async function sendAgain(db: Database, which: EventsToSend, { by, why }: { by: string; why: string }): Promise<number> {
  const those =
    which.kind === 'givenUp'
      ? sql`exists (select from event_retries r where r.aggregateid = e.aggregateid and r.seq = e.seq and r.given_up_at is not null)`
      : sql`e.aggregateid = ${which.orderSn} and e.seq = ${which.seq}
          and (e.xact, e.id) <= (select c.xact, c.id from event_cursors c where c.name = 'webhook')`
  const { rows } = await sql<{ sent: number }>`
    with sent as (
      insert into event_retries (aggregateid, seq) select e.aggregateid, e.seq from order_events e where ${those}
      order by e.aggregateid, e.seq
      on conflict (aggregateid, seq) do update set attempts = 0, try_at = now(), since = now(), given_up_at = null
      returning aggregateid, seq
    ),
    recorded as (
      insert into order_audit (order_sn, verb, by, why, before, after)
      select s.aggregateid, 'send', ${by}::text, 'event ' || string_agg(s.seq::text, ', ' order by s.seq) || ': ' || ${why}::text,
        min(o.state::text)::jsonb, min(o.state::text)::jsonb
      from sent s, lateral (
        select coalesce((select jsonb_build_object('status', o.status, 'stockState', o.stock_state)
          from orders o where o.order_sn = s.aggregateid), '{}') as state) o
      group by s.aggregateid
    )
    select count(*)::integer as sent from sent`.execute(db)
  return rows[0]?.sent ?? 0
}
