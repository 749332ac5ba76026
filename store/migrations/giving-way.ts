import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../schema.ts'

/** SQLSTATE of a lock that was not had within lock_timeout. */
const LOCK_NOT_AVAILABLE = '55P03'
/** Time for which those may go on that the change would hold up. */
const GIVE_WAY_MS = 500

/**
 * Runs a change of tables in a session of its own, again and again until it has had its locks. Whoever waits for a table's lock holds up all who come
 * behind, though it may be a reader that goes on and on which holds it: a change rather gives way, and comes again.
 * @param change does nothing that stays if it throws
 */
export async function givingWay<T>(db: Kysely<Schema>, change: (session: Kysely<Schema>) => Promise<T>): Promise<T> {
  return await db.connection().execute(async (session) => {
    await sql`set lock_timeout = '1s'`.execute(session)
    try {
      for (;;) {
        try {
          return await change(session)
        } catch (error) {
          if ((error as { code?: unknown }).code !== LOCK_NOT_AVAILABLE) throw error
          await sleep(GIVE_WAY_MS)
        }
      }
    } finally {
      await sql`reset lock_timeout`.execute(session)
    }
  })
}
