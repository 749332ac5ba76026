import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'

/** Failure of whatever step meets a Sell that was sent so lately that whoever sent it may still be answered. It is retried until it is known. */
export function underWay(orderSn: string) {
  const message = `the Sell of order ${orderSn} was sent by somebody else a moment ago, who may still be answered`
  return failureOf(failure('ServiceUnavailable', message, { service: 'inventory', orderSn }))
}
