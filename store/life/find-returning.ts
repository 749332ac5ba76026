import { randomInt } from 'node:crypto'
import { sql } from 'kysely'
import { PARTICIPANTS } from '../../contracts/participants/list.ts'
import type { Database } from '../database.ts'

/** Orders that are looked for. */
interface Sought {
  /** Mode of the inventory of whoever gives back. */
  keyed: boolean
  /** Time since their last change, at least, in milliseconds: younger ones are with the run that closed them. */
  idleMs: number
  atMost: number
}

/** Orders that were closed after their confirmation, and still owe something. */
export interface Returning {
  orderSns: string[]
  /** Some of those that only a worker under the other INVENTORY_MODE can give back. */
  ofOtherMode: string[]
}

/** Orders that one look takes into account, however many owe something. */
const LOOKED_AT = 200
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/**
 * Finds orders that were closed after their confirmation and still owe something: no run of their creation is at them any more. Each look begins at
 * a number of chance, or as many as nothing can settle would hold up all others for ever.
 */
export async function findReturning(db: Database, { keyed, idleMs, atMost }: Sought): Promise<Returning> {
  const from = Array.from({ length: 6 }, () => DIGITS[randomInt(DIGITS.length)]).join('')
  const find = async (ofMode: boolean, limit: number) => {
    const side = (which: ReturnType<typeof sql>) => sql`
      (select order_sn, owed, updated_at from orders
      where owed <> '{}' and confirmed_at is not null and stock_state <> 'in_doubt' and keyed = ${ofMode}::boolean and ${which}
      order by order_sn limit ${LOOKED_AT + limit})`
    const { rows } = await sql<{ order_sn: string }>`
      select order_sn from (${side(sql`order_sn >= ${from}`)} union all ${side(sql`order_sn < ${from}`)}) o
      where owed && ${PARTICIPANTS.map(({ name }) => name)}::text[] and updated_at <= now() - make_interval(secs => ${idleMs / 1_000})
      limit ${limit}`.execute(db)
    return rows.map(({ order_sn }) => order_sn)
  }
  const [orderSns, ofOtherMode] = await Promise.all([find(keyed, atMost), find(!keyed, 20)])
  return { orderSns, ofOtherMode }
}
