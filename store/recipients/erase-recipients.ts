import { sql } from 'kysely'
import { ordersStay } from '../archive/orders-stay.ts'
import type { Database } from '../database.ts'

/** Orders that a refusal names. */
const MAX_NAMED = 20

/**
 * Outcome of an erasure.
 * - `erased`: the user's data key is gone, and with it every recipient that it sealed; `inClear` recipients that were never sealed were removed
 * - `nothing`: neither a key nor a recipient of theirs was left
 * - `unsettled`: nothing was changed, since these orders need their recipients
 */
export type Erased =
  | { kind: 'erased'; inClear: number; kek?: string }
  | { kind: 'nothing' }
  | { kind: 'unsettled'; orderSns: string[] }

/**
 * Erases the recipients of a user. An order that is being opened at that moment comes before, and refuses it, or finds no key and is refused: openOrders
 * locks the key to the end of its transaction.
 * @param paidToo true: orders that are paid and not finished lose their recipients as well
 */
export async function eraseRecipients(
  db: Database,
  { userId, by, why, paidToo = false }: { userId: number; by: string; why: string; paidToo?: boolean },
): Promise<Erased> {
  return await db.transaction().execute(async (trx) => {
    await ordersStay(trx)
    const keys = await sql<{ kek: string }>`select kek from recipient_keys where user_id = ${userId} for update`.execute(trx)
    // The snapshot of this statement is taken behind the lock.
    const unsettled = await sql<{ order_sn: string }>`
      select order_sn from orders
      where user_id = ${userId} and (status in ('CREATING', 'IN_DOUBT', 'WAIT_BUYER_PAY', 'PAYING') or owed <> '{}' or stock_state = 'in_doubt'
        or status = 'TRADE_SUCCESS' and not ${paidToo}::boolean)
      order by order_sn limit ${MAX_NAMED}`.execute(trx)
    if (unsettled.rows.length > 0) return { kind: 'unsettled', orderSns: unsettled.rows.map(({ order_sn }) => order_sn) }
    const { numAffectedRows: inClear = 0n } = await sql`
      update orders set address = null, name = null, mobile = null, post = null
      where user_id = ${userId} and (address is not null or name is not null or mobile is not null or post is not null)`.execute(
      trx,
    )
    await sql`delete from recipient_keys where user_id = ${userId}`.execute(trx)
    const [key] = keys.rows
    if (!key && inClear === 0n) return { kind: 'nothing' }
    await sql`insert into recipient_log (verb, user_id, by, why) values ('erase', ${userId}, ${by}, ${why})`.execute(trx)
    return { kind: 'erased', inClear: Number(inClear), ...key }
  })
}
