import { sql } from 'kysely'
import type { Database } from './database.ts'

/** Orders that have come to their end and still name a recipient, as their index has them (migrations/indexes.ts). */
export const WITH_RECIPIENT = `status in ('TRADE_CLOSED', 'TRADE_FINISHED')
  and (address is not null or name is not null or mobile is not null or post is not null)`
/** The same of those whose recipient is sealed. */
export const WITH_SEALED = `status in ('TRADE_CLOSED', 'TRADE_FINISHED') and sealed is not null`
/** Moment of an order's end; a refused one is needed by nobody, whenever that was. */
export const ENDED_AT = `(case when confirmed_at is null and imported_sn is null then '-infinity'
  else coalesce(finished_at, closed_at, updated_at) end)`

/**
 * Forgets the recipients of orders that were closed or finished so long ago that nobody asks for them any more, those that ended first first. Nothing
 * else of the rows changes, and no event says so. Any number of callers at once: each takes others.
 * @param keepMs time after the end of an order, in milliseconds; a refused order's recipient is forgotten in any case
 * @returns the number of orders, at most `atMost`
 */
export async function forgetRecipients(db: Database, keepMs: number, atMost: number): Promise<number> {
  let forgotten = 0
  for (const which of [WITH_RECIPIENT, WITH_SEALED]) {
    const { numAffectedRows = 0n } = await sql`
      update orders set address = null, name = null, mobile = null, post = null, sealed = null
      where order_sn = any(array(
        select order_sn from orders
        where ${sql.raw(which)} and ${sql.raw(ENDED_AT)} < now() - make_interval(secs => ${keepMs / 1_000}::float8)
        order by ${sql.raw(ENDED_AT)} limit ${atMost - forgotten} for update skip locked))`.execute(db)
    forgotten += Number(numAffectedRows)
  }
  return forgotten
}
