import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import { isOrderSn } from '../contracts/order.ts'
import { isConfirmed } from '../store/stored-order.ts'
import type { Deps } from './deps.ts'
import { callStore } from './order-store-call.ts'

/**
 * Keeps an order from being closed that is CREATING, and that a run which has ended calls confirmed: its caller may have had that answer, and
 * the store was set back since. The run that wants to close it fails, the sweep leaves the order alone and reports it, and an operator
 * decides what holds.
 * @throws CompensationFailed for such an order; ServiceUnavailable if Temporal does not answer
 */
export async function leaveAnswered(
  { orders, answerGiven }: Pick<Deps, 'orders' | 'answerGiven'>,
  orderSn: string,
): Promise<void> {
  if (!isOrderSn(orderSn)) return
  const order = await callStore('getOrder', () => orders.getOrder(orderSn))
  if (order?.status !== 'CREATING') return
  const answer = await answerGiven({ ...order, wasConfirmed: isConfirmed(order) }).catch((error: unknown) => {
    const service = 'Temporal'
    throw failureOf(
      failure('ServiceUnavailable', `${service} does not say what became of order ${orderSn} (${error})`, { service }),
    )
  })
  if (!answer) return
  throw failureOf(
    failure(
      'CompensationFailed',
      `run ${answer.workflowId} calls it confirmed, and the store does not: an operator has to resolve it`,
      {
        orderSn,
        owed: 'voidOrder',
        undone: [],
      },
    ),
  )
}
