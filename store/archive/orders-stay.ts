import { sql } from 'kysely'
import type { Database } from '../database.ts'

/** Key of the advisory lock that a batch of the archiving holds (migrations/0025-archive.ts). */
const MOVING = 1_667_330_682

/**
 * Keeps every order in its table to the end of the transaction. A statement that waits for a row which is being archived finds it gone, and goes on without
 * it: whoever changes many orders that are over, or inserts what it has not found, asks for this first. A batch of the archiving that is under way is
 * waited for; the next one moves nothing meanwhile.
 */
export async function ordersStay(trx: Database): Promise<void> {
  await sql`select pg_advisory_xact_lock_shared(${MOVING}::bigint)`.execute(trx)
}
