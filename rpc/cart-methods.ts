import { type CartGoods, goodsOnSale } from '../api/cart-goods.ts'
import { exceededLimit } from '../api/exceeded-limit.ts'
import { stored } from '../api/stored.ts'
import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import { isId, isQuantity } from '../contracts/kinds.ts'
import { MAX_QUANTITY } from '../contracts/limits.ts'
import type { CartItemListResponse, CartItemRequest, ShopCartInfoResponse, UserInfo } from '../proto/generated/order.ts'
import type { CartStore, PutOutcome, StoredCartItem } from '../store/cart-store.ts'
import { InvalidField } from './invalid-field.ts'
import { majorUnitsOf } from './major-units.ts'

export interface CartMethodsDeps {
  cart: Pick<CartStore, 'list' | 'add' | 'change' | 'remove' | 'find'>
  goods: CartGoods
}

/** The cart's methods of the order service. */
export class CartMethods {
  readonly #deps: CartMethodsDeps

  constructor(deps: CartMethodsDeps) {
    this.#deps = deps
  }

  async list({ id: userId }: UserInfo): Promise<CartItemListResponse> {
    if (!isId(userId)) throw new InvalidField('userId', 'id', 'must be above 0')
    const items = await stored(() => this.#deps.cart.list(userId))
    const cartItems = items.sort((a, b) => a.id - b.id).map((item) => shownOf(userId, item))
    return { total: cartItems.length, cartItems }
  }

  async add({ userId, goodsId, nums }: CartItemRequest): Promise<ShopCartInfoResponse> {
    if (!isId(userId)) throw new InvalidField('userId', 'user_id', 'must be above 0')
    if (!isId(goodsId)) throw new InvalidField('goodsId', 'goods_id', 'must be above 0')
    if (nums < 1) throw new InvalidField('nums', 'nums', 'must be above 0')
    if (!isQuantity(nums)) throw new InvalidField('tooManyNums', 'nums', `must be at most ${MAX_QUANTITY}`)
    const { cart, goods } = this.#deps
    const snapshot = await goodsOnSale(goods, goodsId)
    const item = itemOf(await stored(() => cart.add(userId, { goodsId, num: nums }, snapshot, { keepsChecked: true })))
    // The original's answer has neither name nor image nor price.
    return { ...shownOf(userId, item), goodsName: '', goodsImage: '', goodsPrice: 0 }
  }

  async update({ nums, checked, ...named }: CartItemRequest): Promise<Record<string, never>> {
    const where = nameOf(named)
    if (nums < 0) throw new InvalidField('negativeNums', 'nums', 'must not be below 0')
    if (nums > 0 && !isQuantity(nums)) throw new InvalidField('tooManyNums', 'nums', `must be at most ${MAX_QUANTITY}`)
    const { userId, goodsId } = await this.#find(where)
    const changed = await stored(() => this.#deps.cart.change(userId, goodsId, { checked, ...(nums > 0 && { num: nums }) }))
    if (!changed) throw notInCart(where)
    return {}
  }

  async delete(named: CartItemRequest): Promise<Record<string, never>> {
    const where = nameOf(named)
    const { userId, goodsId } = await this.#find(where)
    if (!(await stored(() => this.#deps.cart.remove(userId, goodsId)))) throw notInCart(where)
    return {}
  }

  /** @throws ApplicationFailure CartItemNotFound; also if the row is another user's than the one that the request names */
  async #find(named: ItemName): Promise<{ userId: number; goodsId: number }> {
    const { id, userId, goodsId } = named
    if (id < 1) return { userId, goodsId }
    const found = await stored(() => this.#deps.cart.find(id))
    if (!found || (userId > 0 && userId !== found.userId)) throw notInCart(named)
    return found
  }
}

type ItemName = Pick<CartItemRequest, 'id' | 'userId' | 'goodsId'>

function nameOf({ id, userId, goodsId }: ItemName): ItemName {
  if (id < 1 && (userId < 1 || goodsId < 1)) throw new InvalidField('cartItem', 'id', 'must be above 0, or user_id and goods_id')
  return { id, userId, goodsId }
}

function notInCart({ id, userId, goodsId }: ItemName) {
  const row =
    id > 0 ? `row ${id} is in no cart that this request may change` : `goods ${goodsId} are not in the cart of user ${userId}`
  return failureOf(failure('CartItemNotFound', row, isId(goodsId) ? { goodsId } : {}))
}

function itemOf(outcome: PutOutcome): StoredCartItem {
  if (outcome.kind === 'inCart') return outcome.item
  const { field, problem } = exceededLimit(outcome)
  if (field === 'goodsId') throw new InvalidField('fullCart', 'goods_id', problem)
  throw new InvalidField('tooManyNums', 'nums', problem)
}

function shownOf(
  userId: number,
  { id, goodsId, num, checked, name = '', image = '', price }: StoredCartItem,
): ShopCartInfoResponse {
  return {
    ...{ id, userId, goodsId, nums: num, checked, goodsName: name, goodsImage: image },
    goodsPrice: price ? majorUnitsOf(price) : 0,
  }
}
