import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { HORIZON } from './read-events.ts'

/**
 * Removes events that are older than that, the oldest first. If webhooks are delivered, an event stays until it was delivered: one behind the
 * cursor, waiting or given up is kept, however old it is.
 * @returns the number of those removed, at most `atMost`
 */
export async function removeEvents(
  db: Database,
  { keepMs, atMost, toWebhook }: { keepMs: number; atMost: number; toWebhook: boolean },
): Promise<number> {
  // Their moments rise with their places: a page of the oldest is looked at, and not the table.
  const { numAffectedRows = 0n } = await sql`
    with oldest as materialized (
      select e.aggregateid, e.seq, e.at from order_events e
      where e.xact < ${HORIZON} and (not ${toWebhook}::boolean or (
        (e.xact, e.id) <= (select c.xact, c.id from event_cursors c where c.name = 'webhook')
        and not exists (select from event_retries r where r.aggregateid = e.aggregateid and r.seq = e.seq)))
      order by e.xact, e.id limit ${atMost}
    )
    delete from order_events e using oldest o
    where e.aggregateid = o.aggregateid and e.seq = o.seq and o.at < now() - make_interval(secs => ${keepMs / 1_000}::float8)`.execute(
    db,
  )
  return Number(numAffectedRows)
}
