import { sql } from 'kysely'
import type { SoughtOrder } from '../contracts/attendance.ts'
import type { Line, OrderStatus, StockState } from '../contracts/order.ts'
import { soundLines } from '../contracts/sound-lines.ts'
import type { Database } from './database.ts'

/** An order that an operator may have to look after. */
export interface TroubledOrder extends SoughtOrder {
  /** `stuck`: CREATING for longer than any run may take; `compensating`: closed, and something is owed. */
  trouble: 'in doubt' | 'stuck' | 'compensating'
  status: OrderStatus
  stockState: StockState
  /** Names of the participants to whom it owes something. */
  owed: string[]
  /** Lines that were asked for. */
  lines: Line[]
  /** Time since the order's last change. */
  idleSeconds: number
}

/** @returns those in doubt first, the longest idle first; at most `limit` */
export async function troubledOrders(db: Database, stuckAfterMs: number, limit: number): Promise<TroubledOrder[]> {
  const { rows } = await sql<TroubledOrder>`
    select order_sn as "orderSn", user_id as "userId", request_id as "requestId", status, stock_state as "stockState", owed,
      workflow_id as "workflowId", confirmed_at is not null as "wasConfirmed", coalesce(lines, '[]') as lines,
      extract(epoch from now() - updated_at)::float8 as "idleSeconds",
      case when stock_state = 'in_doubt' then 'in doubt' when status = 'CREATING' then 'stuck' else 'compensating' end as trouble
    from orders
    where stock_state = 'in_doubt' or owed <> '{}'
      or (status = 'CREATING' and updated_at < now() - make_interval(secs => ${stuckAfterMs / 1000}))
    order by stock_state <> 'in_doubt', updated_at
    limit ${limit}`.execute(db)
  return rows.map((row) => ({ ...row, lines: soundLines(row.lines) }))
}
