import { sql } from 'kysely'
import { type Line, type OrderSn, type OrderStatus, parseOrderSn, type StockState } from '../contracts/order.ts'
import { soundLines } from '../contracts/sound-lines.ts'
import type { Database } from './database.ts'

/** The part of an order's row that counts for whoever is about to take something on its behalf, or to give it back. */
export interface StockClaim {
  orderSn: OrderSn
  userId: number
  status: OrderStatus
  stockState: StockState
  /** True if the order's inventory honours the order number. */
  keyed: boolean
  /** Parts, by participant, that the order asked for and holds or may hold. */
  held: Record<string, object>
  /** Names of the participants to whom that is to be given back. */
  owed: string[]
  /** Lines that the order asked for. */
  lines: Line[]
}

/** @returns the claims of the orders that there are, by order number; one statement for all */
export async function stockClaims(db: Database, orderSns: readonly string[]): Promise<Map<string, StockClaim>> {
  const { rows } = await sql<StockClaim>`
    select order_sn as "orderSn", user_id as "userId", status, stock_state as "stockState", keyed, held, owed, coalesce(lines, '[]') as lines
    from orders where order_sn = any(${orderSns}::text[])`.execute(db)
  return new Map(rows.map((row) => [row.orderSn, { ...row, orderSn: parseOrderSn(row.orderSn), lines: soundLines(row.lines) }]))
}
