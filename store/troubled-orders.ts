import { sql } from 'kysely'
import type { SoughtOrder } from '../contracts/attendance.ts'
import type { Line, OrderStatus, StockState } from '../contracts/order.ts'
import { soundLines } from '../contracts/sound-lines.ts'
import type { Database } from './database.ts'
import { microsOf, momentOf } from './micros.ts'

/** Trouble of an order. `stuck`: CREATING for longer than any run may take; `compensating`: closed, and something is owed. */
export const TROUBLES = ['in doubt', 'stuck', 'compensating'] as const

/** An order that an operator may have to look after. */
export interface TroubledOrder extends SoughtOrder {
  trouble: (typeof TROUBLES)[number]
  status: OrderStatus
  stockState: StockState
  /** Names of the participants to whom it owes something. */
  owed: string[]
  /** Lines that were asked for. */
  lines: Line[]
  /** Time since the order's last change. */
  idleSeconds: number
}

/** Place of an order in the list: whether it is in doubt, microseconds since 1970 at which it changed last, and its number. */
export type TroubledPlace = readonly [isInDoubt: boolean, updatedAtMicros: string, orderSn: string]

/** One page of the orders that an operator may have to look after. */
export interface TroubledOrders {
  orders: TroubledOrder[]
  /** Place of the last of them; absent if there are no more. */
  next?: TroubledPlace
}

/**
 * Lists those in doubt first, the longest idle first. An order that changes meanwhile is among the youngest then, or in doubt: on a later page
 * once more, or on an earlier one.
 * @param after the place behind which to go on @default the beginning
 */
export async function troubledOrders(
  db: Database,
  stuckAfterMs: number,
  { after, limit }: { after?: TroubledPlace | undefined; limit: number },
): Promise<TroubledOrders> {
  const [afterInDoubt, micros = '0', orderSn = ''] = after ?? []
  const behind = sql`(updated_at, order_sn) > (${momentOf(micros)}, ${orderSn}::text collate "C")`
  const first = sql`order by updated_at, order_sn limit ${limit + 1}`
  // Each kind by its own index, in that order: of however many there are, no more are read than the page shows.
  const { rows } = await sql<TroubledOrder & { micros: string }>`
    select order_sn as "orderSn", user_id as "userId", request_id as "requestId", status, stock_state as "stockState", owed,
      workflow_id as "workflowId", confirmed_at is not null as "wasConfirmed", coalesce(lines, '[]') as lines,
      extract(epoch from now() - updated_at)::float8 as "idleSeconds", ${microsOf(sql`updated_at`)} as micros,
      case when stock_state = 'in_doubt' then 'in doubt' when status = 'CREATING' then 'stuck' else 'compensating' end as trouble
    from (
      (select * from orders where stock_state = 'in_doubt' and ${after ? (afterInDoubt ? behind : sql`false`) : sql`true`} ${first})
      union all
      (select * from orders
      where (status = 'CREATING' or owed <> '{}') and stock_state <> 'in_doubt'
        and (owed <> '{}' or updated_at < now() - make_interval(secs => ${stuckAfterMs / 1000}))
        and ${after && !afterInDoubt ? behind : sql`true`} ${first})
    ) troubled
    order by stock_state <> 'in_doubt', updated_at, order_sn
    limit ${limit + 1}`.execute(db)
  const orders = rows.slice(0, limit)
  const last = orders.at(-1)
  return {
    orders: orders.map(({ micros: _, ...order }) => ({ ...order, lines: soundLines(order.lines) })),
    ...(last && rows.length > limit && { next: [last.trouble === 'in doubt', last.micros, last.orderSn] }),
  }
}
