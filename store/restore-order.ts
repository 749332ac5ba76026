import { sql } from 'kysely'
import type { Recipient, SealedOrderInput } from '../contracts/create-order.ts'
import { type Fingerprints, PLAIN_FINGERPRINTS } from '../contracts/fingerprints.ts'
import type { Line } from '../contracts/order.ts'
import { heldOf } from '../contracts/participants/list.ts'
import type { Database } from './database.ts'
import type { OpenIntent } from './open-orders.ts'

/**
 * Inserts the CREATING row of an order that was answered as confirmed and whose row is gone, as it was opened then. No cap, cart or erased key refuses it:
 * the answer is given.
 * @param lines those that were answered
 * @returns false if nothing was inserted: the row is there, or its user has another order CREATING
 */
export async function restoreOrder(
  db: Database,
  intent: OpenIntent,
  lines: readonly Line[],
  fingerprints: Fingerprints = PLAIN_FINGERPRINTS,
): Promise<boolean> {
  const { orderSn, userId, requestId, workflowId, keyed = true, placedBy, expectedTotal } = intent
  const { address, name, mobile, post, sealed }: Partial<Recipient & SealedOrderInput> = intent
  const { rows } = await sql`
    insert into orders (order_sn, user_id, request_id, fingerprint, from_cart, lines, address, name, mobile, post, sealed,
      workflow_id, keyed, placed_by, status, stock_state, held, expected_total)
    -- An archived one stands in no unique index of this table.
    select ${orderSn}, ${userId}::integer, ${requestId}, ${fingerprints.valuesOf(intent.fingerprint)[0]}, ${intent.lines === undefined}::boolean,
      ${JSON.stringify(lines)}::jsonb, ${address}, ${name}, ${mobile}, ${post}, ${sealed}, ${workflowId}, ${keyed}::boolean, ${placedBy},
      'CREATING', ${keyed ? 'selling' : 'none'}, ${JSON.stringify(heldOf(intent))}::jsonb,
      ${expectedTotal && JSON.stringify(expectedTotal)}::jsonb
    where not exists (select 1 from orders o where o.order_sn = ${orderSn})
    on conflict do nothing returning order_sn`.execute(db)
  return rows.length > 0
}
