import type { OrderRequest } from '../contracts/create-order.ts'
import type { Attempt } from './attempt.ts'
import type { GoodsOfBatch, goodsActivities } from './goods.ts'
import type { BatchOpening, orderActivities } from './orders.ts'
import type { userActivities } from './user.ts'

/** What must be known of a batch before anything is sold. */
export interface Preparation extends GoodsOfBatch {
  /** One for each request, in their order; likewise the users. */
  openings: BatchOpening[]
  users: Attempt[]
}

type Steps = Pick<ReturnType<typeof orderActivities>, 'openOrders'> &
  Pick<ReturnType<typeof userActivities>, 'getUsers'> &
  Pick<ReturnType<typeof goodsActivities>, 'getGoodsOfBatch'>

export function prepareActivities({ openOrders, getUsers, getGoodsOfBatch }: Steps) {
  return {
    /**
     * Records the intents, and asks for users and goods meanwhile: reading has no effect, so it need not wait. Goods of a cart
     * are known, and asked for, once its order is open. One quick attempt at each.
     */
    async prepareOrders(requests: OrderRequest[]): Promise<Preparation> {
      const named = new Set(requests.flatMap(({ lines = [] }) => lines.map(({ goodsId }) => goodsId)))
      const reading = Promise.all([getUsers(requests.map(({ userId }) => userId)), getGoodsOfBatch([...named])])
      const openings = await openOrders(requests)
      const ordered = openings.flatMap((one) => (one.state === 'open' ? one.lines.map(({ goodsId }) => goodsId) : []))
      const ofCarts = await getGoodsOfBatch(ordered.filter((goodsId) => !named.has(goodsId)))
      const [users, { goods, unknown }] = await reading
      return { openings, users, goods: [...goods, ...ofCarts.goods], unknown: [...unknown, ...ofCarts.unknown] }
    },
  }
}
