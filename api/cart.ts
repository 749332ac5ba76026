import type { FastifyInstance } from 'fastify'
import { failureOf } from '../contracts/application-failure.ts'
import { CART, CART_ITEM, CART_ITEM_REQUEST } from '../contracts/cart-item.ts'
import { refusal } from '../contracts/failures.ts'
import { InputProblems } from '../contracts/input-problems.ts'
import { invalidInput, parse, refuseIfAny } from '../contracts/invalid-input.ts'
import { MAX_LINES } from '../contracts/limits.ts'
import { parameters } from '../contracts/schema.ts'
import type { CartStore } from '../store/cart-store.ts'
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

/** The cart of a user: what an order without lines takes. */
export function serveCart(app: FastifyInstance, cart: Pick<CartStore, 'list' | 'get' | 'put' | 'remove'>): void {
  app.route<UserPath>({
    method: 'GET',
    url: '/users/:id/cart/items',
    schema: {
      operationId: 'listCartItems',
      tags,
      summary: 'List a cart, in goods-id order',
      params: USER.json,
      response: { 200: json('The cart', CART), ...problems('InvalidInput', 'ServiceUnavailable') },
    },
    async handler({ params }) {
      const { id } = parse(USER, params)
      return { items: await stored(() => cart.list(id)) }
    },
  })

  app.route<ItemPath>({
    method: 'GET',
    url: '/users/:id/cart/items/:goodsId',
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
    schema: {
      operationId: 'putCartItem',
      tags,
      summary: 'Put goods into a cart, or change how many',
      description: `A cart holds at most ${MAX_LINES} distinct goods.`,
      params: ITEM.json,
      body: CART_ITEM_REQUEST.json,
      response: {
        200: json('The item', CART_ITEM),
        ...problems('InvalidInput', 'BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params, body }) {
      const found = new InputProblems()
      const { id, goodsId } = ITEM.read(params, '', found)
      const { num, checked = true } = CART_ITEM_REQUEST.read(body, '', found)
      refuseIfAny(found)
      const item = { goodsId, num, checked }
      if ((await stored(() => cart.put(id, item))) === 'full') {
        throw invalidInput([{ field: 'goodsId', problem: `must be in the cart already: it holds ${MAX_LINES} distinct goods` }])
      }
      return item
    },
  })

  app.route<ItemPath>({
    method: 'DELETE',
    url: '/users/:id/cart/items/:goodsId',
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

function notInCart(id: number, goodsId: number) {
  return failureOf(refusal('CartItemNotFound', `goods ${goodsId} are not in the cart of user ${id}`, { goodsId }))
}
