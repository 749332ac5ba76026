import { refusal } from '../contracts/failures.ts'
import { settle } from './compensations.ts'
import { SagaProgress } from './saga-progress.ts'

/**
 * Settles an order whose own run ended without doing so (terminated by hand, lost with its namespace): closes it unless it
 * is confirmed, and gives its stock back. Harmless beside a run that is still alive: every step judges by the store.
 * @returns what became of it
 */
export async function settleOrder(orderSn: string): Promise<'confirmed' | 'closed'> {
  const why = refusal('OrderClosed', `order ${orderSn} was abandoned by its run`, { orderSn })
  const settlement = await settle({ orderSn, refusal: why }, new SagaProgress())
  return 'stands' in settlement ? 'confirmed' : 'closed'
}
