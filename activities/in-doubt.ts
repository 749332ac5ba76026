import { type Refusal, refusal } from '../contracts/failures.ts'
import { linesText } from '../contracts/lines-text.ts'
import type { Line } from '../contracts/order.ts'
import type { StockEffect } from '../store/unkeyed-stock.ts'

/** Why nothing more is done about an order: what its Sell or Reback came to is for an operator to find out. */
export function inDoubt(orderSn: string, effect: StockEffect, lines: readonly Line[]): Refusal {
  return refusal('OrderInDoubt', `nobody knows whether the ${effect} of order ${orderSn} was applied (${linesText(lines)})`, {
    orderSn,
    effect,
    lines: [...lines],
  })
}
