import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import type { OrderLine } from '../contracts/order.ts'

/**
 * Refuses an order that would have its user hold more unpaid than USER_MAX_UNPAID_VALUE allows: what it comes to is known once it is priced.
 * @param mayCost minor units to which it may come; absent: any number
 * @throws UnpaidOrdersLimit
 */
export function refuseAboveCap(priced: readonly OrderLine[], mayCost: number | undefined): void {
  if (mayCost === undefined) return
  const total = priced.reduce((sum, { price, num }) => sum + price.amount * num, 0)
  if (total <= mayCost) return
  throw failureOf(
    failure(
      'UnpaidOrdersLimit',
      `the order came to ${total} minor units, and its user might have had ${Math.max(mayCost, 0)} more to pay (USER_MAX_UNPAID_VALUE)`,
    ),
  )
}
