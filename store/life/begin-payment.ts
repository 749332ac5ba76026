import { sql } from 'kysely'
import type { Database } from '../database.ts'
import { type Move, type Moved, moveOrder } from './move-orders.ts'

/** Notes that the buyer of an order has begun to pay it. Orders that are created here begin so; others were created by the service before. */
export async function beginPayment(db: Database, move: Move): Promise<Moved> {
  return await moveOrder(
    db,
    move,
    ['WAIT_BUYER_PAY'],
    { verb: 'pay', set: sql`status = 'PAYING', updated_at = now()` },
    ({ status }) => status === 'PAYING',
  )
}
