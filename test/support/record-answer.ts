import type { OrderStore } from '../../store/order-store.ts'
import type { StockEffect } from '../../store/unkeyed-stock.ts'

/** Records the answer to one call of one order. @param mark @default any @returns whether it was recorded */
export async function recordAnswer(
  orders: Pick<OrderStore, 'recordAnswers'>,
  orderSn: string,
  effect: StockEffect,
  wasApplied: boolean,
  mark?: string,
): Promise<boolean> {
  const recorded = await orders.recordAnswers(effect, [{ orderSn, wasApplied, ...(mark !== undefined && { mark }) }])
  return recorded.has(orderSn)
}
