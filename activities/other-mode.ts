import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'

/** Names a mode as its setting does. */
export function modeText(keyed: boolean): string {
  return `INVENTORY_MODE=${keyed ? 'keyed' : 'unkeyed'}`
}

/**
 * The failure of whatever step meets an order that was opened under the other mode. It is retried until a worker under the
 * order's own mode takes the step: one way of keeping stock right can't take over from the other in the midst of an order.
 */
export function otherMode({ orderSn, keyed }: { orderSn: string; keyed: boolean }) {
  const service = modeText(keyed)
  return failureOf(
    failure('ServiceUnavailable', `order ${orderSn} was opened under ${service}, and waits for a worker under it`, { service }),
  )
}
