import { failureIn } from '../contracts/application-failure.ts'
import { messageForOperators } from '../contracts/message-for-operators.ts'
import { moneyText } from '../contracts/money-text.ts'
import type { OrderLine } from '../contracts/order.ts'
import { messageOf } from './message-of.ts'
import type { Operator, OperatorDeps } from './operator-deps.ts'
import { Refused } from './refused.ts'
import { requireOrder, standing } from './require-order.ts'

/**
 * Settles an order in doubt whose stock was sold by letting it go on to its payment, at the prices of today.
 * @returns what became of it
 * @throws Refused if its Sell is not in doubt, its goods can't be priced or come to another total than its buyer agreed to, or its user has
 *   another order in progress
 */
export async function keepOrder(deps: OperatorDeps, orderSn: string, operator: Operator): Promise<string> {
  const order = await requireOrder(deps, orderSn)
  if (order.status !== 'IN_DOUBT' || !order.inDoubt) {
    throw new Refused(`order ${orderSn} can't be kept: its Sell is not in doubt (${standing(order)})`)
  }
  const lines = await deps.priceToday(order.inDoubt, order.expectedTotal).catch((error: unknown): OrderLine[] => {
    const known = failureIn(error)
    const why = known ? messageForOperators(known) : messageOf(error)
    throw new Refused(`order ${orderSn} can't be kept at the prices of today (${why}); it is still in doubt`)
  })
  const total = lines.reduce((sum, { price, num }) => sum + price.amount * num, 0)
  const kept = await deps.orders.keepInDoubt({ orderSn, lines, total, ...operator }, deps.payWithinMs)
  switch (kept.kind) {
    case 'kept':
      return `order ${orderSn} is ${standing(kept.order)}: ${moneyText(kept.order.total)} at the prices of today, to be paid until ${kept.order.payDeadline}`
    case 'user-busy':
      throw new Refused(`order ${orderSn} can't be kept now: its user has another order in progress; try again in a moment`)
    case 'not-in-doubt':
      throw new Refused(`order ${orderSn} was settled meanwhile; see: show ${orderSn}`)
    case 'other-lines':
      throw new Refused(`order ${orderSn} can't be kept: its row asks for other goods than it names; see: show ${orderSn}`)
  }
}
