import { sql } from 'kysely'
import type { OrderEvent } from '../../contracts/event.ts'
import type { Database } from '../database.ts'

/** A place in the feed. Events stand in the order of transaction, then id; why that is safe: docs/adr/0017. */
export interface EventPlace {
  xact: number
  id: number
}

/** The place before every event: a restore in another cluster may have left negative transactions (docs/runbook.md). */
export const BEGINNING: EventPlace = { xact: Number.MIN_SAFE_INTEGER, id: 0 }

/** An event, and its place in the feed. */
export interface PlacedEvent {
  place: EventPlace
  event: OrderEvent
}

/**
 * The horizon: every transaction below it has ended, so that nothing can appear there any more. Beyond it an event may be missing that
 * was written sooner and is committed later.
 */
export const HORIZON = sql<number>`pg_snapshot_xmin(pg_current_snapshot())::text::bigint`

/** Returns the events behind a place and below the horizon, in the feed's order, and the horizon itself. */
export async function readEvents(
  db: Database,
  after: EventPlace,
  limit: number,
): Promise<{ events: PlacedEvent[]; horizon: number }> {
  const { rows } = await sql<{ horizon: number; xact: number | null; id: number; payload: OrderEvent }>`
    select h.horizon, e.xact, e.id, e.payload from (select ${HORIZON} as horizon) h
    left join lateral (
      select xact, id, payload from order_events
      where (xact, id) > (${after.xact}::bigint, ${after.id}::bigint) and xact < h.horizon
      order by xact, id limit ${limit}
    ) e on true
    order by e.xact, e.id`.execute(db)
  const events = rows.flatMap(({ xact, id, payload }) => (xact === null ? [] : [{ place: { xact, id }, event: payload }]))
  return { events, horizon: rows[0]?.horizon ?? 0 }
}

/** Returns the place of the last event below the horizon; that of the beginning if there is none. */
export async function newestPlace(db: Database): Promise<EventPlace> {
  const { rows } = await sql<EventPlace>`
    select xact, id from order_events where xact < ${HORIZON} order by xact desc, id desc limit 1`.execute(db)
  return rows[0] ?? BEGINNING
}

/** Reports whether one place lies behind another. */
export function isBehind(one: EventPlace, other: EventPlace): boolean {
  return one.xact > other.xact || (one.xact === other.xact && one.id > other.id)
}
