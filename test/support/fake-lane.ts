import { attempt } from '../../activities/attempt.ts'
import { LanePace } from '../../activities/lane-pace.ts'
import type { Activities } from '../../contracts/activities.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import type { BatchOpening } from '../../contracts/steps.ts'
import type { FakeShop } from './fake-shop.ts'

type LaneActivities = Pick<Activities, 'prepareOrders' | 'sellOrders' | 'confirmOrders' | 'voidOrders' | 'rebackOrders'>

/** The lane's steps over a FakeShop: its steps for one order each, with the faults that were put into them. */
export function fakeLane(shop: FakeShop): LaneActivities {
  const one = shop.activities()
  const pace = new LanePace()

  async function open(request: OrderRequest, isSecondRound: boolean): Promise<BatchOpening> {
    const isKnown = shop.rows.has(orderSnOf(request))
    try {
      const opening = await one.openOrder(request)
      return opening.state === 'open' && isKnown && !isSecondRound ? { state: 'doubtful', why: 'opened before' } : opening
    } catch (error) {
      const refusal = failureIn(error)
      if (!refusal) throw error
      return { state: 'refused', refusal }
    }
  }

  return {
    async prepareOrders(requests, isSecondRound = false) {
      const openings = await Promise.all(requests.map((request) => open(request, isSecondRound)))
      const users = await Promise.all(
        requests.map(({ userId }) => attempt(pace, () => one.getUser(userId).then(() => true as const))),
      )
      const goods = await one.batchGetGoods(requests.flatMap(({ lines = [] }) => lines.map(({ goodsId }) => goodsId)))
      return { openings, users, goods, unknown: [] }
    },
    sellOrders: (sales) => Promise.all(sales.map((sale) => attempt(pace, () => one.sell(sale).then(() => true as const)))),
    confirmOrders: (confirmations) => Promise.all(confirmations.map((order) => one.confirmOrder(order).catch(() => null))),
    voidOrders: (orders) => Promise.all(orders.map((order) => one.voidOrder(order))),
    rebackOrders: (sales) => Promise.all(sales.map((sale) => one.reback(sale).then(() => sale.orderSn))),
  }
}
