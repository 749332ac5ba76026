import type { FastifyInstance, FastifyRequest } from 'fastify'
import { failureOf } from '../contracts/application-failure.ts'
import { CART, CART_ADDITION, CART_ITEM, CART_ITEM_CHANGE, CART_ITEM_REQUEST, type CartItem } from '../contracts/cart-item.ts'
import { failure } from '../contracts/failures.ts'
import { InputProblems } from '../contracts/input-problems.ts'
import { invalidInput, parse, refuseIfAny } from '../contracts/invalid-input.ts'
import { MAX_LINES } from '../contracts/limits.ts'
import { parameters } from '../contracts/schema.ts'
import { userMeant } from '../identity/whose.ts'
import type { AddOutcome, CartStore, PutOutcome } from '../store/cart-store.ts'
import { type CartGoods, compareCart, goodsOnSale } from './cart-goods.ts'
import { exceededLimit } from './exceeded-limit.ts'
import { IDEMPOTENCY_HEADER, readKey } from './idempotency-key.ts'
import { ID_IN_PATH, json, problems } from './schemas.ts'
import { stored } from './stored.ts'

const tags = ['cart']
const USER = parameters({ id: ID_IN_PATH })
const ITEM = parameters({ id: ID_IN_PATH, goodsId: ID_IN_PATH })

interface UserPath {
  Params: { id: string }
}
interface ItemPath {
  Params: { id: string; goodsId: string }
}

/** A customer reaches their own cart alone: whoever names another user is refused before anything is read. */
const OWN_CART = {
  config: { access: 'own' as const },
  async onRequest({ caller, params }: FastifyRequest<UserPath>) {
    userMeant(caller, Number(params.id))
  },
}

/** Parts that the cart's routes work with. */
export interface CartDeps {
  cart: Pick<CartStore, 'list' | 'get' | 'put' | 'add' | 'addOnce' | 'addedBefore' | 'change' | 'remove'>
  goods: CartGoods
}

/** Refusals by which goods are not put into a cart. */
const NOT_PUT = [
  ...(['InvalidInput', 'BodyTooLarge', 'UnsupportedMediaType', 'GoodsNotFound', 'GoodsOffSale'] as const),
  ...(['ServiceUnavailable', 'ServiceRejected'] as const),
] as const
const PUT_WORDS =
  `A cart holds at most ${MAX_LINES} distinct goods. The goods service is asked for name, image and price, which the item keeps as they are ` +
  'now; while it does not answer, nothing is changed.'

/** The cart of a user: what an order without lines takes. */
export function serveCart(app: FastifyInstance, { cart, goods }: CartDeps): void {
  app.route<UserPath>({
    method: 'GET',
    url: '/users/:id/cart/items',
    ...OWN_CART,
    schema: {
      operationId: 'listCartItems',
      tags,
      summary: 'List a cart, in goods-id order, with what has changed since the goods were put into it',
      description:
        'While the goods service does not answer, compared is false, and the items are shown as they were put into the cart.',
      params: USER.json,
      response: { 200: json('The cart', CART), ...problems('InvalidInput', 'ServiceUnavailable') },
    },
    async handler({ params }) {
      const { id } = parse(USER, params)
      return await compareCart(goods, await stored(() => cart.list(id)))
    },
  })

  app.route<UserPath>({
    method: 'POST',
    url: '/users/:id/cart/items',
    ...OWN_CART,
    schema: {
      operationId: 'addCartItem',
      tags,
      summary: 'Add goods to a cart: to what is there of them',
      description:
        `${PUT_WORDS} Each request adds, unless it has a key: the same request with the same key adds once, and is answered by the item as it ` +
        'is now, for a day. Whoever sent none, and got no answer, looks at the item before it adds once more.',
      params: USER.json,
      headers: IDEMPOTENCY_HEADER,
      body: CART_ADDITION.json,
      response: {
        200: json('The item, as it is now', CART_ITEM),
        ...problems(...NOT_PUT, 'IdempotencyKeyReused', 'CartItemNotFound'),
      },
    },
    async handler({ params, body, raw }) {
      const found = new InputProblems()
      const { id } = USER.read(params, '', found)
      const line = CART_ADDITION.read(body, '', found)
      const key = readKey(raw.rawHeaders, found)
      refuseIfAny(found)
      const added = (outcome: AddOutcome) => {
        if (outcome.kind === 'gone') throw notInCart(id, line.goodsId)
        if (outcome.kind === 'keyReused') throw reused(key)
        return itemOf(outcome)
      }
      // A repeat has its answer also if the goods are off sale by now.
      const before = key && (await stored(() => cart.addedBefore(id, key, line)))
      if (before) return added(before)
      const snapshot = await goodsOnSale(goods, line.goodsId)
      return added(await stored(() => (key ? cart.addOnce(id, key, line, snapshot) : cart.add(id, line, snapshot))))
    },
  })

  app.route<ItemPath>({
    method: 'GET',
    url: '/users/:id/cart/items/:goodsId',
    ...OWN_CART,
    schema: {
      operationId: 'getCartItem',
      tags,
      summary: 'Look at one item',
      params: ITEM.json,
      response: { 200: json('The item', CART_ITEM), ...problems('InvalidInput', 'CartItemNotFound', 'ServiceUnavailable') },
    },
    async handler({ params }) {
      const { id, goodsId } = parse(ITEM, params)
      const item = await stored(() => cart.get(id, goodsId))
      if (!item) throw notInCart(id, goodsId)
      return item
    },
  })

  app.route<ItemPath>({
    method: 'PUT',
    url: '/users/:id/cart/items/:goodsId',
    ...OWN_CART,
    schema: {
      operationId: 'putCartItem',
      tags,
      summary: 'Put goods into a cart, or change how many',
      description: PUT_WORDS,
      params: ITEM.json,
      body: CART_ITEM_REQUEST.json,
      response: { 200: json('The item', CART_ITEM), ...problems(...NOT_PUT) },
    },
    async handler({ params, body }) {
      const found = new InputProblems()
      const { id, goodsId } = ITEM.read(params, '', found)
      const { num, checked = true } = CART_ITEM_REQUEST.read(body, '', found)
      refuseIfAny(found)
      const snapshot = await goodsOnSale(goods, goodsId)
      return itemOf(await stored(() => cart.put(id, { goodsId, num, checked }, snapshot)))
    },
  })

  app.route<ItemPath>({
    method: 'PATCH',
    url: '/users/:id/cart/items/:goodsId',
    ...OWN_CART,
    schema: {
      operationId: 'changeCartItem',
      tags,
      summary: 'Change how many of an item, or whether it is checked',
      description: 'What is left out stays as it is. The goods service is not asked.',
      params: ITEM.json,
      body: CART_ITEM_CHANGE.json,
      response: {
        200: json('The item, as it is now', CART_ITEM),
        ...problems('InvalidInput', 'CartItemNotFound', 'BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params, body }) {
      const found = new InputProblems()
      const { id, goodsId } = ITEM.read(params, '', found)
      const before = found.count
      const change = CART_ITEM_CHANGE.read(body, '', found)
      if (found.count === before && Object.keys(change).length === 0) found.add('', 'must have num or checked')
      refuseIfAny(found)
      const item = await stored(() => cart.change(id, goodsId, change))
      if (!item) throw notInCart(id, goodsId)
      return item
    },
  })

  app.route<ItemPath>({
    method: 'DELETE',
    url: '/users/:id/cart/items/:goodsId',
    ...OWN_CART,
    schema: {
      operationId: 'deleteCartItem',
      tags,
      summary: 'Take goods out of a cart',
      params: ITEM.json,
      response: {
        204: { type: 'null', description: 'It is out of the cart' },
        // A body is read, though it says nothing: many clients send one.
        ...problems('InvalidInput', 'CartItemNotFound', 'BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params }, reply) {
      const { id, goodsId } = parse(ITEM, params)
      if (!(await stored(() => cart.remove(id, goodsId)))) throw notInCart(id, goodsId)
      return reply.code(204).send()
    },
  })
}

/** @throws ApplicationFailure InvalidInput naming the limit that the cart would exceed */
function itemOf(outcome: PutOutcome): CartItem {
  if (outcome.kind !== 'inCart') throw invalidInput([exceededLimit(outcome)])
  return outcome.item
}

function reused(requestId = '') {
  return failureOf(failure('IdempotencyKeyReused', 'something else was added to the cart under this key', { requestId }))
}

function notInCart(id: number, goodsId: number) {
  return failureOf(failure('CartItemNotFound', `goods ${goodsId} are not in the cart of user ${id}`, { goodsId }))
}
