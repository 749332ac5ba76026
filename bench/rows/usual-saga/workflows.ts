import { ApplicationFailure, proxyActivities, workflowInfo } from '@temporalio/workflow'
import type { CreateOrderResult, NamedRequest } from '../../../contracts/create-order.ts'
import type { OrderSn } from '../../../contracts/order.ts'
import { priceOrder } from '../../../workflows/price-order.ts'
import type { createActivities } from './activities.ts'

const { getUser, batchGetGoods, sell, reback, saveOrder } = proxyActivities<ReturnType<typeof createActivities>>({
  startToCloseTimeout: '10s',
  // A Sell that is refused would be tried for ever by the default policy.
  retry: { maximumAttempts: 1 },
})

/**
 * The saga as a reader of Temporal's samples writes it: one workflow an order, an activity a step, undos on a stack. For
 * comparison only: it loses stock if the reply of a Sell is lost, and knows neither repeats nor rivals.
 */
export async function placeOrder(orderSn: OrderSn, request: NamedRequest): Promise<CreateOrderResult> {
  const undos: (() => Promise<void>)[] = []
  const asked = request.lines ?? []
  try {
    const [goods] = await Promise.all([batchGetGoods(asked.map(({ goodsId }) => goodsId)), getUser(request.userId)])
    const lines = priceOrder(asked, goods, request.expectedTotal)
    undos.unshift(() => reback(orderSn, asked))
    await sell(orderSn, asked)
    return await saveOrder({ orderSn, request, lines, workflowId: workflowInfo().workflowId })
  } catch (error) {
    for (const undo of undos) await undo()
    throw ApplicationFailure.nonRetryable(`order ${orderSn} was not placed: ${String(error)}`)
  }
}
