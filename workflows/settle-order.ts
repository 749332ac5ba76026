import { failure } from '../contracts/failures.ts'
import { parse } from '../contracts/invalid-input.ts'
import { ORDER_SN, parseOrderSn } from '../contracts/order.ts'
import { settle } from './compensations.ts'
import { refuseUnread } from './refuse-unread.ts'
import { SagaProgress } from './saga-progress.ts'

/**
 * Settles an order whose own run ended without doing so (terminated by hand, lost with its namespace): closes it unless it
 * is confirmed, and gives its stock back. Harmless beside a run that is still alive: every step judges by the store.
 * @param orderSn checked here: the store would refuse some texts, and the compensation try them for ever
 * @returns what became of it
 * @throws InvalidInput
 */
export async function settleOrder(orderSn: string): Promise<'confirmed' | 'closed'> {
  refuseUnread(orderSn)
  parse(ORDER_SN, orderSn, 'orderSn')
  const why = failure('OrderClosed', `order ${orderSn} was abandoned by its run`, { orderSn })
  const settlement = await settle({ orderSn: parseOrderSn(orderSn), refusal: why }, new SagaProgress())
  return settlement.kind === 'stands' ? 'confirmed' : 'closed'
}
