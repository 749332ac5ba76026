import { goodsActivities } from '../activities/goods.ts'
import type { GoodsClient } from '../clients/goods-client.ts'
import type { Money } from '../contracts/money.ts'
import type { Line, OrderLine } from '../contracts/order.ts'
import { priceOrder } from '../workflows/price-order.ts'

/**
 * Prices lines as an order of this moment is priced: the goods service is asked once.
 * @throws the failures of batchGetGoods and priceOrder; PriceChanged if they come to another total than the expected one
 */
export function priceToday(
  goods: Pick<GoodsClient, 'batchGetGoods'>,
  { currency, freeGoods }: { currency: string; freeGoods: boolean },
) {
  const { batchGetGoods } = goodsActivities({ goods, currency, freeGoods })
  return async (lines: readonly Line[], expectedTotal?: Money): Promise<OrderLine[]> =>
    priceOrder(lines, await batchGetGoods(lines.map(({ goodsId }) => goodsId)), expectedTotal)
}
