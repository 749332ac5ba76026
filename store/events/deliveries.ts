import { sql } from 'kysely'
import type { OrderEvent } from '../../contracts/event.ts'
import { EVENT_GIVE_UP_MS, EVENT_RETRY_FIRST_MS, EVENT_RETRY_MAX_MS } from '../../contracts/time-budget.ts'
import type { Database } from '../database.ts'
import { BEGINNING, type EventPlace, HORIZON, type PlacedEvent } from './read-events.ts'

/**
 * The deliverer of the webhooks knows how far it has come in the feed (event_cursors), and what it could not deliver
 * (event_retries). An event is delivered only if the one before it of its order was, or was given up: whoever delivers one looks here first,
 * in one statement, or it could miss what somebody else moved meanwhile.
 */
const WEBHOOK = 'webhook'

/** The next page of the deliverer: events behind its cursor, in the feed's order. */
export interface UndeliveredEvents {
  /** Its cursor as it was read. */
  from: EventPlace
  /** `held`: an event before it of the same order waits to be tried again. */
  events: (PlacedEvent & { held: boolean })[]
}

/** An event that could not be delivered; without `error` it was not tried, because one before it was not delivered. */
export interface UndeliveredEvent {
  orderSn: string
  seq: number
  error?: string
}

/** An event that is to be tried again, the first of its order. */
export interface EventRetry {
  orderSn: string
  seq: number
  /** Number of attempts so far. */
  attempts: number
  event: OrderEvent
}

/** Key of the advisory lock under which retries are called, made to wait, and ended. */
const BOOKKEEPING = 1_667_330_678

/**
 * One after the other, each in a statement that begins when the lock is had: an event that is put behind another at the moment at which that one
 * is done would be called by neither, and wait for an hour.
 */
export async function holdingTheBooks<T>(db: Database, work: (trx: Database) => Promise<T>): Promise<T> {
  if (!db.isTransaction) return await db.transaction().execute(async (trx) => await holdingTheBooks(trx, work))
  await sql`select pg_advisory_xact_lock(${BOOKKEEPING}::bigint)`.execute(db)
  return await work(db)
}

/** Reads cursor, events and what is held in one statement. */
export async function undeliveredEvents(db: Database, limit: number): Promise<UndeliveredEvents> {
  const { rows } = await sql<{
    fromXact: number
    fromId: number
    xact: number | null
    id: number
    payload: OrderEvent
    held: boolean
  }>`
    select c.xact as "fromXact", c.id as "fromId", e.* from (
      select coalesce(max(xact), ${BEGINNING.xact}::bigint) as xact, coalesce(max(id), 0) as id
      from event_cursors where name = ${WEBHOOK}
    ) c
    left join lateral (
      select o.xact, o.id, o.payload,
        exists (select from event_retries r where r.aggregateid = o.aggregateid and r.given_up_at is null) as held
      from order_events o where (o.xact, o.id) > (c.xact, c.id) and o.xact < ${HORIZON}
      order by o.xact, o.id limit ${limit}
    ) e on true
    order by e.xact, e.id`.execute(db)
  const [{ fromXact: xact, fromId: id } = { fromXact: BEGINNING.xact, fromId: BEGINNING.id }] = rows
  return {
    from: { xact, id },
    events: rows.flatMap(({ xact, id, payload, held }) => (xact === null ? [] : [{ place: { xact, id }, event: payload, held }])),
  }
}

/**
 * Moves the cursor on, and puts what was not delivered among the retries, in one statement.
 * @returns false if somebody else has moved the cursor: nothing was changed, and that somebody looks after these events
 */
export async function passEvents(
  db: Database,
  from: EventPlace,
  to: EventPlace,
  undelivered: readonly UndeliveredEvent[],
): Promise<boolean> {
  const { rows } = await holdingTheBooks(
    db,
    async (trx) =>
      await sql`
    with moved as (
      insert into event_cursors as c (name, xact, id) values (${WEBHOOK}, ${to.xact}, ${to.id})
      on conflict (name) do update set xact = excluded.xact, id = excluded.id
        where (c.xact, c.id) = (${from.xact}::bigint, ${from.id}::bigint)
      returning 1
    ),
    left_over as (
      select * from jsonb_to_recordset(${JSON.stringify(undelivered)}::jsonb) as u("orderSn" text, seq integer, error text)
    ),
    kept as (
      insert into event_retries (aggregateid, seq, attempts, last_error, try_at)
      select u."orderSn", u.seq, (u.error is not null)::integer, u.error, now() + case
        when u.error is not null then ${ms(EVENT_RETRY_FIRST_MS)}
        -- One behind another is called when that is done.
        when exists (select from event_retries r where r.aggregateid = u."orderSn" and r.given_up_at is null)
          or exists (select from left_over b where b."orderSn" = u."orderSn" and b.seq < u.seq) then ${ms(EVENT_RETRY_MAX_MS)}
        else interval '0' end
      from left_over u, moved
      on conflict (aggregateid, seq) do nothing
    )
    select from moved`.execute(trx),
  )
  return rows.length > 0
}

/** Returns events that are to be tried again now, of each order the first; those that were due and stand behind another wait on. */
export async function dueRetries(db: Database, limit: number): Promise<EventRetry[]> {
  const { rows } = await holdingTheBooks(
    db,
    async (trx) =>
      await sql<EventRetry>`
    with due as materialized (
      select r.aggregateid, r.seq, r.attempts, exists (
        select from event_retries b where b.aggregateid = r.aggregateid and b.seq < r.seq and b.given_up_at is null) as behind
      from event_retries r where r.given_up_at is null and r.try_at <= now() order by r.try_at limit ${limit}
    ),
    waiting as (
      update event_retries r set try_at = now() + ${ms(EVENT_RETRY_MAX_MS)} from due
      where due.behind and r.aggregateid = due.aggregateid and r.seq = due.seq
    )
    select due.aggregateid as "orderSn", due.seq, due.attempts, e.payload as event
    from due join order_events e using (aggregateid, seq) where not due.behind`.execute(trx),
  )
  return rows
}

/** Records that an event was delivered after all, and calls the next one of its order. */
export async function retryDelivered(db: Database, { orderSn, seq }: EventRetry): Promise<void> {
  await holdingTheBooks(
    db,
    async (trx) =>
      await sql`
    with done as (delete from event_retries where aggregateid = ${orderSn} and seq = ${seq} and given_up_at is null)
    ${callNext(orderSn, seq)}`.execute(trx),
  )
}

/**
 * Records one more attempt that failed: the next one comes later each time. An event that was to be delivered for three days is given
 * up, and the next one of its order is called.
 * @returns true if it was given up
 */
export async function retryFailed(db: Database, { orderSn, seq, attempts }: EventRetry, error: string): Promise<boolean> {
  const { rows } = await holdingTheBooks(
    db,
    async (trx) =>
      await sql<{ given_up: boolean }>`
    with failed as (
      update event_retries set attempts = attempts + 1, last_error = ${error},
        try_at = now() + least(${ms(EVENT_RETRY_FIRST_MS)} * 2 ^ least(attempts, 20), ${ms(EVENT_RETRY_MAX_MS)}),
        given_up_at = case when since < now() - ${ms(EVENT_GIVE_UP_MS)} then now() end
      where aggregateid = ${orderSn} and seq = ${seq} and attempts = ${attempts} and given_up_at is null
      returning given_up_at is not null as given_up
    ),
    called as (${callNext(orderSn, seq)} and exists (select from failed where given_up))
    select given_up from failed`.execute(trx),
  )
  return rows[0]?.given_up ?? false
}

/** The statement by which the next event of an order is tried as soon as possible. */
export function callNext(orderSn: string, seq: number) {
  return sql`
    update event_retries set try_at = now() where aggregateid = ${orderSn} and seq = (
      select min(seq) from event_retries where aggregateid = ${orderSn} and seq > ${seq} and given_up_at is null)`
}

function ms(milliseconds: number) {
  return sql`make_interval(secs => ${milliseconds / 1_000}::float8)`
}
