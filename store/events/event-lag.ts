import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { BEGINNING, HORIZON } from './read-events.ts'

/** Delays of the ways out, in seconds. */
export interface EventLag {
  /** Age of the oldest event that readers of the feed may not see yet: a transaction that writes is open. 0 if there is none. */
  feedSeconds: number
  /** Age of the oldest event that no webhook has; those that were given up are not counted. 0 if there is none. */
  webhookSeconds: number
  /** Events that were given up. */
  givenUp: number
}

/** Answers from small indexes and the ends of the feed. */
export async function eventLag(db: Database): Promise<EventLag> {
  const { rows } = await sql<EventLag>`
    select
      coalesce(extract(epoch from now() - (
        select at from order_events where xact >= ${HORIZON} order by xact, id limit 1)), 0)::float8 as "feedSeconds",
      coalesce(extract(epoch from now() - least(
        (select at from order_events where (xact, id) > (
          select coalesce(max(xact), ${BEGINNING.xact}::bigint), coalesce(max(id), 0) from event_cursors where name = 'webhook')
          order by xact, id limit 1),
        (select since from event_retries where given_up_at is null order by since limit 1))), 0)::float8 as "webhookSeconds",
      (select count(*) from event_retries where given_up_at is not null)::integer as "givenUp"`.execute(db)
  return rows[0] ?? { feedSeconds: 0, webhookSeconds: 0, givenUp: 0 }
}
