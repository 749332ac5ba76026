import type { OrderRequest } from '../../../contracts/create-order.ts'
import { batchGetGoods, getUser, openOrder, takeFrom } from '../../../workflows/steps.ts'

/** A careless change of createOrder: it sells before it asks for user and goods. Replay has to refuse it. */
export async function createOrder(request: OrderRequest): Promise<void> {
  const opening = await openOrder(request)
  if (opening.state !== 'open') return
  const { orderSn, lines } = opening
  await takeFrom.inventory({ orderSn, lines })
  await Promise.all([batchGetGoods(lines.map(({ goodsId }) => goodsId)), getUser(request.userId)])
}
