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

/**
 * Finds orders that were closed after their confirmation and still owe something: no run of their creation is at them any more. In any order, or as
 * many as nothing can settle would hold up all others for ever.
 */
export async function findReturning(db: Database, { keyed, idleMs, atMost }: Sought): Promise<Returning> {
  const find = async (ofMode: boolean, limit: number) => {
    const { rows } = await sql<{ order_sn: string }>`
      select order_sn from orders where (status = 'CREATING' or owed <> '{}') and owed && ${PARTICIPANTS.map(({ name }) => name)}::text[]
        and confirmed_at is not null and stock_state <> 'in_doubt' and keyed = ${ofMode}::boolean
        and updated_at <= now() - make_interval(secs => ${idleMs / 1_000})
      order by random() limit ${limit}`.execute(db)
    return rows.map(({ order_sn }) => order_sn)
  }
  const [orderSns, ofOtherMode] = await Promise.all([find(keyed, atMost), find(!keyed, 20)])
  return { orderSns, ofOtherMode }
}
