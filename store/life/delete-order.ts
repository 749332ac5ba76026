import { sql } from 'kysely'
import { UNPAID_STATUSES } from '../../contracts/order.ts'
import type { Database } from '../database.ts'
import { closeOrder } from './close-orders.ts'
import { type Move, type Moved, moveOrder } from './move-orders.ts'

/**
 * Hides a closed order from its owner; repeats of its request, operators and reconciliation go on finding it. An unpaid order is closed
 * first (`closedNow`): a call that ends between the two leaves it closed, and the next one hides it.
 */
export async function deleteOrder(db: Database, move: Move): Promise<Moved & { closedNow?: true }> {
  const hidden = await hide(db, move)
  if (hidden.kind !== 'refused' || !UNPAID_STATUSES.includes(hidden.order.status)) return hidden
  // Closed by somebody else meanwhile it is closed all the same.
  const closed = await closeOrder(db, move, 'deleted')
  if (closed.kind === 'refused' || closed.kind === 'absent') return closed
  return { ...(await hide(db, move)), ...(closed.kind === 'moved' && { closedNow: true }) }
}

async function hide(db: Database, move: Move): Promise<Moved> {
  return await moveOrder(
    db,
    move,
    ['TRADE_CLOSED'],
    { verb: 'delete', set: sql`deleted_at = now()`, onlyIf: sql`deleted_at is null` },
    ({ deletedAt }) => deletedAt !== undefined,
  )
}
