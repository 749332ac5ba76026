import { sql } from 'kysely'
import type { ParticipantName } from '../contracts/participants/list.ts'
import type { Database } from './database.ts'
import { type Spared, sparing } from './life/sparing.ts'

/**
 * Records that a participant acknowledged by their numbers the undo of closed orders; what they owe to others stays owed.
 * @returns the numbers of those that owed it until now
 */
export async function markReturned(
  db: Database,
  orderSns: readonly string[],
  participant: ParticipantName = 'inventory',
): Promise<string[]> {
  const isStock = participant === 'inventory'
  const { rows } = await sql<{ order_sn: string }>`
    with owing as materialized (
      select order_sn from orders
      where order_sn = any(${orderSns}::text[]) and ${participant}::text = any(owed) and (keyed or not ${isStock}::boolean)
      order by order_sn for update
    )
    update orders o set
      stock_state = case when ${isStock}::boolean then 'returned' else o.stock_state end, held = o.held - ${participant}::text,
      updated_at = now()
    from owing where o.order_sn = owing.order_sn returning o.order_sn`.execute(db)
  return rows.map(({ order_sn }) => order_sn)
}

/** The same of many, unless an order makes the statement fail: that one is left out. @returns the numbers of those that owed it until now, and who was left out */
export async function markReturnedSparing(db: Database, orderSns: string[], participant: ParticipantName): Promise<Spared> {
  return await sparing(orderSns, (some) => markReturned(db, some, participant))
}
