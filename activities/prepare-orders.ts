import type { OrderRequest } from '../contracts/create-order.ts'
import type { Attempt, BatchOpening, GoodsSnapshot, Preparation } from '../contracts/steps.ts'
import { missingAnswer } from '../workflows/missing-answer.ts'
import type { Deps } from './deps.ts'
import type { goodsActivities } from './goods.ts'
import type { orderActivities } from './orders.ts'
import { runningWorkflowId } from './running-workflow.ts'
import { canBeSold, withStockLeft } from './stock-left.ts'
import type { userActivities } from './user.ts'

type Steps = Pick<ReturnType<typeof orderActivities>, 'openOrders'> &
  Pick<ReturnType<typeof userActivities>, 'getUsers'> &
  Pick<ReturnType<typeof goodsActivities>, 'getGoodsOfBatch'>

export function prepareActivities({
  openOrders,
  getUsers,
  getGoodsOfBatch,
  inventory,
  onUnanswered,
}: Steps & Pick<Deps, 'inventory' | 'onUnanswered'>) {
  function tellUnanswered(openings: readonly BatchOpening[], users: readonly Attempt[], unknown: readonly number[]): void {
    const unanswered = new Set(unknown)
    const orderSns = openings.flatMap((one, i) =>
      one.state === 'open' && missingAnswer(users[i], one.lines, unanswered) ? one.orderSn : [],
    )
    if (orderSns.length > 0) onUnanswered?.(orderSns, runningWorkflowId())
  }

  return {
    /**
     * Records the intents, and asks for users and goods meanwhile: reading has no effect, so it need not wait. Goods of a cart
     * are known, and asked for, once its order is open. One quick attempt at each.
     *
     * @param isSecondRound whether this run tried them before: then an order that it opened is open still
     */
    async prepareOrders(requests: OrderRequest[], isSecondRound = false): Promise<Preparation> {
      const named = new Set(requests.flatMap(({ lines = [] }) => lines.map(({ goodsId }) => goodsId)))
      const reading = Promise.all([getUsers(requests.map(({ userId }) => userId)), getGoodsOfBatch([...named])])
      const openings = await openOrders(requests, isSecondRound)
      const ordered = openings.flatMap((one) => (one.state === 'open' ? one.lines.map(({ goodsId }) => goodsId) : []))
      const ofCarts = await getGoodsOfBatch(ordered.filter((goodsId) => !named.has(goodsId)))
      const [users, ofLines] = await reading
      const goods = [...ofLines.goods, ...ofCarts.goods]
      const unknown = [...ofLines.unknown, ...ofCarts.unknown]
      if (!isSecondRound) tellUnanswered(openings, users, unknown)
      const refused = goodsOfRefused(openings, goods, unknown)
      return { openings, users, goods: refused.length > 0 ? await withStockLeft({ inventory }, goods, refused) : goods, unknown }
    },
  }
}

/** All goods of the orders that have some which can't be sold. */
function goodsOfRefused(
  openings: readonly BatchOpening[],
  goods: readonly GoodsSnapshot[],
  unknown: readonly number[],
): number[] {
  const sold = new Set([...unknown, ...goods.filter(canBeSold).map(({ goodsId }) => goodsId)])
  return openings.flatMap((one) => {
    const goodsIds = one.state === 'open' ? one.lines.map(({ goodsId }) => goodsId) : []
    return goodsIds.every((goodsId) => sold.has(goodsId)) ? [] : goodsIds
  })
}
