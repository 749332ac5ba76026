import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database } from '../../store/database.ts'

/** A story in which somebody holds locks that a statement of ours needs. */
export interface Rivalry<T> {
  /** Statements that the rival runs first, in a transaction of its own. */
  rival: (trx: Database) => Promise<unknown>
  /** Call that then runs into its locks. */
  ours: () => Promise<T>
  /** Statements that the rival runs while ours waits, without waiting for anything itself; the rival commits after that. */
  meanwhile?: (trx: Database) => Promise<unknown>
}

/**
 * Lets a statement of ours run into the locks of a rival, deterministically: the rival goes on only when PostgreSQL says that ours
 * waits for it.
 * @param db a database of which nobody else waits for locks
 * @returns what ours came to, after the rival's commit
 */
export async function againstRival<T>(db: Database, { rival, ours, meanwhile }: Rivalry<T>): Promise<T> {
  const { running } = await db.transaction().execute(async (trx) => {
    await rival(trx)
    const running = ours()
    running.catch(() => {}) // awaited below, unless the rival fails before
    await waiting(db, running)
    // Below deadlock_timeout: else PostgreSQL would end a deadlock, and ours begin anew, as if nothing had been wrong.
    await sql`set local lock_timeout = '50ms'`.execute(trx)
    await meanwhile?.(trx)
    return { running }
  })
  return await running
}

/** @throws Error if ours ended without having waited */
async function waiting(db: Database, ours: Promise<unknown>): Promise<void> {
  let ended = false
  const end = () => {
    ended = true
  }
  ours.then(end, end)
  const waits = sql`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
  while ((await waits.execute(db)).rows.length === 0) {
    if (ended) throw new Error('ours waited for nothing that the rival holds')
    await sleep(5)
  }
}
