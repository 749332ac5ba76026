import { type Failure, failure } from '../contracts/failures.ts'
import { linesText } from '../contracts/lines-text.ts'
import type { Line } from '../contracts/order.ts'
import type { StockEffect } from '../store/unkeyed-stock.ts'

/** Failure of an order about which nothing more is done: an operator has to find out what its Sell or Reback came to. */
export function inDoubt(orderSn: string, effect: StockEffect, lines: readonly Line[]): Failure {
  return failure('OrderInDoubt', `nobody knows whether the ${effect} of order ${orderSn} was applied (${linesText(lines)})`, {
    orderSn,
    effect,
    lines: [...lines],
  })
}
