import { sql } from 'kysely'
import type { Database } from '../database.ts'

/** Records that somebody is about to be shown the recipient of an order. Nothing of ours ever changes these records. */
export async function logRecipientRead(
  db: Database,
  { orderSn, userId, by }: { orderSn: string; userId: number; by: string },
): Promise<void> {
  await sql`insert into recipient_log (verb, user_id, order_sn, by) values ('read', ${userId}, ${orderSn}, ${by})`.execute(db)
}
