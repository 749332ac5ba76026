import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import type { StockEffect } from '../store/unkeyed-stock.ts'

/** Failure of whatever step meets an effect that was sent so lately that whoever sent it may still be answered. It is retried until that is known. */
export function underWay(orderSn: string, effect: StockEffect) {
  const message = `the ${effect} of order ${orderSn} was sent by somebody else a moment ago, who may still be answered`
  return failureOf(failure('ServiceUnavailable', message, { service: 'inventory', orderSn }))
}
