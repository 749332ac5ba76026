import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { type Move, type Moved, moveOrder } from './move-orders.ts'

/** Finishes an order that was paid: its buyer has received the goods. */
export async function finishOrder(db: Database, move: Move): Promise<Moved> {
  return await moveOrder(
    db,
    move,
    ['TRADE_SUCCESS'],
    { verb: 'finish', set: sql`status = 'TRADE_FINISHED', updated_at = now()` },
    ({ status }) => status === 'TRADE_FINISHED',
  )
}
