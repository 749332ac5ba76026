import { type RawBuilder, sql } from 'kysely'
import type { OrderStatus } from '../../contracts/order.ts'
import type { AuditVerb } from '../audit.ts'
import type { Database } from '../database.ts'
import { afterRaces } from '../failures.ts'
import { readOrders } from '../order-rows.ts'
import type { StoredOrder } from '../stored-order.ts'

/** Request to move an order on. */
export interface Move {
  orderSn: string
  /** Name of whoever asks, for the audit trail. */
  by: string
  why: string
}

/**
 * Result of a move of one order.
 * - `moved`: this very call moved it
 * - `stood`: it had made this move before
 * - `refused`: its status does not allow the move; nothing was changed
 * - `absent`: there is no such order
 */
export type Moved = { kind: 'moved' | 'stood' | 'refused'; order: StoredOrder } | { kind: 'absent' }

/** One statement that moves orders on: of those that `which` selects, each is locked, changed and recorded in its audit trail. */
export interface MoveOf {
  verb: AuditVerb
  by: string
  why: string
  /** The part of a select from `where` on, without the lock. */
  which: RawBuilder<unknown>
  /** Assignments of the update. */
  set: RawBuilder<unknown>
  /** True to leave rows alone that somebody else is moving at this moment. @default false: waits for them */
  skipsLocked?: boolean
}

/** Moves orders on. @returns the numbers of those that this call moved */
export async function moveOrders(db: Database, { verb, by, why, which, set, skipsLocked = false }: MoveOf): Promise<string[]> {
  return await afterRaces(async () => {
    const { rows } = await sql<{ order_sn: string }>`
      with before as materialized (
        select order_sn, status, stock_state from orders where ${which} for update ${sql.raw(skipsLocked ? 'skip locked' : '')}
      ),
      moved as (
        update orders o set ${set} from before where o.order_sn = before.order_sn returning o.order_sn, o.status, o.stock_state
      ),
      recorded as (
        insert into order_audit (order_sn, verb, by, why, before, after)
        select order_sn, ${verb}::text, ${by}::text, ${why}::text,
          jsonb_build_object('status', b.status, 'stockState', b.stock_state),
          jsonb_build_object('status', m.status, 'stockState', m.stock_state)
        from before b join moved m using (order_sn)
      )
      select order_sn from moved`.execute(db)
    return rows.map(({ order_sn }) => order_sn)
  })
}

/**
 * Moves one order on.
 * @param has reports whether an order that was not moved had made this move before
 */
export async function moveOrder(
  db: Database,
  { orderSn, ...move }: Move,
  from: readonly OrderStatus[],
  statement: Pick<MoveOf, 'verb' | 'set'> & { onlyIf?: RawBuilder<unknown> },
  has: (order: StoredOrder) => boolean,
): Promise<Moved> {
  const { onlyIf = sql`true`, ...change } = statement
  const which = sql`order_sn = ${orderSn} and status = any(${from}::text[]) and ${onlyIf}`
  for (;;) {
    const moved = await moveOrders(db, { ...move, ...change, which })
    const order = (await readOrders(db, [orderSn])).get(orderSn)?.order
    if (!order) return { kind: 'absent' }
    if (moved.length > 0) return { kind: 'moved', order }
    if (has(order)) return { kind: 'stood', order }
    if (!from.includes(order.status)) return { kind: 'refused', order }
    // Between our two looks somebody brought it to where it may move: the next round moves it.
  }
}
