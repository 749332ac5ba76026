import { type Refusal, refusal } from '../contracts/failures.ts'
import type { Line } from '../contracts/order.ts'
import type { StockEffect } from '../store/unkeyed-stock.ts'

const LINES_NAMED = 10

/** Why nothing more is done about an order: what its Sell or Reback came to is for an operator to find out. */
export function inDoubt(orderSn: string, effect: StockEffect, lines: readonly Line[]): Refusal {
  const named = lines.slice(0, LINES_NAMED).map(({ goodsId, num }) => `${num} × goods ${goodsId}`)
  const more = lines.length > LINES_NAMED ? ` and ${lines.length - LINES_NAMED} more lines` : ''
  return refusal(
    'OrderInDoubt',
    `nobody knows whether the ${effect} of order ${orderSn} was applied (${named.join(', ')}${more})`,
    {
      orderSn,
      effect,
      lines,
    },
  )
}
