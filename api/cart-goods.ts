import { failureIn, failureOf } from '../contracts/application-failure.ts'
import type { CartChange, CartItem } from '../contracts/cart-item.ts'
import { failure } from '../contracts/failures.ts'
import type { GoodsSnapshot } from '../contracts/steps.ts'

/** All that a cart asks of the goods service. */
export interface CartGoods {
  /**
   * Returns the goods by their ids; those that do not exist are absent.
   * @throws ApplicationFailure ServiceUnavailable, ServiceRejected
   */
  batchGetGoods(ids: number[]): Promise<GoodsSnapshot[]>
}

/** Asks for goods that are about to be put into a cart. @throws ApplicationFailure GoodsNotFound, GoodsOffSale, and as CartGoods does */
export async function goodsOnSale(goods: CartGoods, goodsId: number): Promise<GoodsSnapshot> {
  const [found] = await goods.batchGetGoods([goodsId])
  const goodsIds = [goodsId]
  if (!found) throw failureOf(failure('GoodsNotFound', `goods ${goodsId} do not exist`, { goodsIds }))
  if (!found.onSale) throw failureOf(failure('GoodsOffSale', `goods ${goodsId} are off sale`, { goodsIds }))
  return found
}

/** The items with what has changed of their goods, or as they are if nobody can say it now. */
export async function compareCart(goods: CartGoods, items: CartItem[]): Promise<{ items: CartItem[]; compared: boolean }> {
  if (items.length === 0) return { items, compared: true }
  const found = await goods.batchGetGoods(items.map(({ goodsId }) => goodsId)).catch((error: unknown) => {
    if (!failureIn(error)) throw error
    return undefined
  })
  if (!found) return { items, compared: false }
  const byId = new Map(found.map((one) => [one.goodsId, one]))
  return { items: items.map((item) => compared(item, byId.get(item.goodsId))), compared: true }
}

function compared(item: CartItem, goods: GoodsSnapshot | undefined): CartItem {
  const change = changeOf(item, goods)
  return { ...item, ...(change && { change }), ...(goods?.price && { priceNow: goods.price }) }
}

function changeOf({ price: before }: CartItem, goods: GoodsSnapshot | undefined): CartChange | undefined {
  if (!goods) return 'gone'
  const { onSale, price: now } = goods
  if (!onSale) return 'off_sale'
  if (!now) return 'without_price'
  if (!before) return undefined
  if (now.currency !== before.currency) return 'other_currency'
  if (now.amount === before.amount) return undefined
  return now.amount > before.amount ? 'dearer' : 'cheaper'
}
