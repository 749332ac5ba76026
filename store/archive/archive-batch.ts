import { sql } from 'kysely'
import type { Database } from '../database.ts'

/**
 * Moves orders that are over into the archive, with their lines, payments and audit trails, those first that have not changed for longest
 * (migrations/0025-archive.ts). An order stays that owes anything, or of which a payment is to be given back; one that somebody holds is left to the
 * next batch.
 * @param olderThanMs time since its last change, in milliseconds
 * @returns the number of orders moved, at most `atMost`; `undefined` if another batch, or somebody who keeps orders where they are, is under way
 */
export async function archiveBatch(db: Database, olderThanMs: number, atMost: number): Promise<number | undefined> {
  const { rows } = await sql<{ moved: number | null }>`
    select archive_orders(make_interval(secs => ${olderThanMs / 1_000}::float8), ${atMost}::integer) as moved`.execute(db)
  return rows[0]?.moved ?? undefined
}
