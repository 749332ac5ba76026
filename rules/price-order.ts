import type { GoodsSnapshot } from '../activities/goods.ts'
import { failureOf, refusal } from '../contracts/failures.ts'
import type { Line, OrderLine } from '../contracts/order.ts'

/**
 * The lines as they are sold: every goods exists, is on sale, and has an exact price.
 * @throws GoodsNotFound, GoodsOffSale, PriceNotExact; details.goodsIds names all goods it is true of
 */
export function priceOrder(lines: readonly Line[], goods: readonly GoodsSnapshot[]): OrderLine[] {
  const byId = new Map(goods.map((snapshot) => [snapshot.goodsId, snapshot]))
  refuseWhere('GoodsNotFound', 'did not exist', (snapshot) => snapshot === undefined)
  refuseWhere('GoodsOffSale', 'were off sale', (snapshot) => !snapshot?.onSale)
  refuseWhere('PriceNotExact', 'had a price that is not an exact amount', (snapshot) => !snapshot?.price)
  return lines.flatMap(({ goodsId, num }) => {
    const { name, image, price } = byId.get(goodsId) ?? {}
    return name !== undefined && image !== undefined && price ? [{ goodsId, name, image, price, num }] : []
  })

  function refuseWhere(
    type: 'GoodsNotFound' | 'GoodsOffSale' | 'PriceNotExact',
    what: string,
    isSo: (snapshot: GoodsSnapshot | undefined) => boolean,
  ) {
    const goodsIds = lines.map(({ goodsId }) => goodsId).filter((goodsId) => isSo(byId.get(goodsId)))
    if (goodsIds.length > 0) throw failureOf(refusal(type, `goods ${goodsIds.slice(0, 10).join(', ')} ${what}`, { goodsIds }))
  }
}
