import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { microsOf, momentOf } from '../micros.ts'

/** An event that its webhook does not have. */
export interface UndeliveredRow {
  orderSn: string
  seq: number
  type: string
  attempts: number
  since: string
  /** Moment of the next attempt; absent if it was given up, or stands behind another of its order. */
  tryAt?: string
  givenUpAt?: string
  lastError?: string
}

/** Place of an event in the list: whether it was given up, microseconds since 1970 at which that was or since which it waits, and the event. */
export type UndeliveredPlace = readonly [isGivenUp: boolean, atMicros: string, orderSn: string, seq: number]

/** One page of the events that the webhook does not have. */
export interface UndeliveredList {
  events: UndeliveredRow[]
  /** Place of the last of them; absent if there are no more. */
  next?: UndeliveredPlace
}

interface Row extends Pick<UndeliveredRow, 'orderSn' | 'seq' | 'type' | 'attempts'> {
  since: Date
  tryAt: Date | null
  givenUpAt: Date | null
  lastError: string | null
  micros: string
}

/**
 * Lists the events that were given up, then those that wait, the longest first.
 * @param after the place behind which to go on @default the beginning
 */
export async function listUndelivered(
  db: Database,
  { after, limit }: { after?: UndeliveredPlace | undefined; limit: number },
): Promise<UndeliveredList> {
  const [afterGivenUp, micros = '0', orderSn = '', seq = 0] = after ?? []
  const behind = (at: typeof GIVEN_UP_AT) =>
    sql`(${at}, aggregateid, seq) > (${momentOf(micros)}, ${orderSn}::text collate "C", ${seq}::bigint)`
  const first = (at: typeof GIVEN_UP_AT) => sql`order by ${at}, aggregateid, seq limit ${limit + 1}`
  // Each kind by its own index, in that order.
  const { rows } = await sql<Row>`
    select r.aggregateid as "orderSn", r.seq, r.attempts, r.since, r.given_up_at as "givenUpAt", r.last_error as "lastError", r.micros,
      case when r.given_up_at is null and not exists (
        select from event_retries b where b.aggregateid = r.aggregateid and b.seq < r.seq and b.given_up_at is null) then r.try_at end as "tryAt",
      (select type from order_events e where e.aggregateid = r.aggregateid and e.seq = r.seq) as type
    from (
      (select *, ${microsOf(GIVEN_UP_AT)} as micros from event_retries
      where given_up_at is not null and ${after ? (afterGivenUp ? behind(GIVEN_UP_AT) : sql`false`) : sql`true`} ${first(GIVEN_UP_AT)})
      union all
      (select *, ${microsOf(SINCE)} as micros from event_retries
      where given_up_at is null and ${after && !afterGivenUp ? behind(SINCE) : sql`true`} ${first(SINCE)})
    ) r
    order by r.given_up_at is null, coalesce(r.given_up_at, r.since), r.aggregateid, r.seq limit ${limit + 1}`.execute(db)
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    events: shown.map(eventOf),
    ...(last && rows.length > limit && { next: [last.givenUpAt !== null, last.micros, last.orderSn, last.seq] }),
  }
}

const GIVEN_UP_AT = sql`given_up_at`
const SINCE = sql`since`

function eventOf({ since, tryAt, givenUpAt, lastError, micros: _, ...row }: Row): UndeliveredRow {
  return {
    ...row,
    since: since.toISOString(),
    ...(tryAt && { tryAt: tryAt.toISOString() }),
    ...(givenUpAt && { givenUpAt: givenUpAt.toISOString() }),
    ...(lastError && { lastError }),
  }
}
