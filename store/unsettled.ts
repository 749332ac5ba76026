import { sql } from 'kysely'
import type { SoughtOrder } from '../contracts/attendance.ts'
import type { Database } from './database.ts'

/**
 * Counts the orders that have been CREATING, or owed something, for longer than that. Those that were confirmed are left to closeDueOrders, however many they
 * are: that they wait is no reason to take no new ones.
 * @param atMost counts no further
 */
export async function countUnsettled(db: Database, olderThanMs: number, atMost: number): Promise<number> {
  const late = unsettled(db, olderThanMs).select(sql`1`.as('one')).limit(atMost)
  const { late: count } = await db
    .selectFrom(late.as('late'))
    .select(({ fn }) => fn.countAll<number>().as('late'))
    .executeTakeFirstOrThrow()
  return count
}

/**
 * Orders that were not confirmed and have been CREATING, or owed something, for longer than any run of theirs may take. Those CREATING first, since they
 * lock their users; otherwise in any order, or as many as nothing can settle would hold up all others for ever.
 */
export async function findUnsettled(db: Database, olderThanMs: number, limit: number): Promise<SoughtOrder[]> {
  return await unsettled(db, olderThanMs)
    .select(['order_sn as orderSn', 'user_id as userId', 'request_id as requestId', 'workflow_id as workflowId'])
    .select(sql<boolean>`false`.as('wasConfirmed'))
    .orderBy(sql`status <> 'CREATING', random()`)
    .limit(limit)
    .execute()
}

/** Reads from the index of unsettled orders, which is as small as they are few. */
function unsettled(db: Database, olderThanMs: number) {
  return db
    .selectFrom('orders')
    .where(sql<boolean>`(status = 'CREATING' or owed <> '{}')`)
    .where('confirmed_at', 'is', null)
    .where('updated_at', '<', sql<Date>`now() - make_interval(secs => ${olderThanMs / 1000})`)
}
