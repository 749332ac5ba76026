import type { FastifyInstance } from 'fastify'
import { failureOf } from '../contracts/application-failure.ts'
import { type FieldProblem, refusal } from '../contracts/failures.ts'
import { isId } from '../contracts/id.ts'
import { MAX_ID, MAX_LINES, MAX_QUANTITY } from '../contracts/limits.ts'
import { isQuantity } from '../contracts/order.ts'
import { invalidInput, isThere, printable } from '../contracts/order-request.ts'
import type { CartItem, CartStore } from '../store/cart-store.ts'
import { ID_IN_PATH, json, problems, ref } from './schemas.ts'
import { stored } from './stored.ts'

const tags = ['cart']
const USER = { type: 'object', properties: { id: ID_IN_PATH }, required: ['id'] }
const ITEM = { type: 'object', properties: { id: ID_IN_PATH, goodsId: ID_IN_PATH }, required: ['id', 'goodsId'] }

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
      params: USER,
      response: { 200: json('The cart', 'Cart'), ...problems('InvalidInput', 'ServiceUnavailable') },
    },
    async handler({ params }) {
      const { id } = idsOf(params)
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
      params: ITEM,
      response: { 200: json('The item', 'CartItem'), ...problems('InvalidInput', 'CartItemNotFound', 'ServiceUnavailable') },
    },
    async handler({ params }) {
      const { id, goodsId } = idsOf(params)
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
      params: ITEM,
      body: ref('CartItemRequest'),
      response: {
        200: json('The item', 'CartItem'),
        ...problems('InvalidInput', 'BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params, body }) {
      const { id, item } = putOf(params, body)
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
      params: ITEM,
      response: {
        204: { type: 'null', description: 'It is out of the cart' },
        // A body is read, though it says nothing: many clients send one.
        ...problems('InvalidInput', 'CartItemNotFound', 'BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params }, reply) {
      const { id, goodsId } = idsOf(params)
      if (!(await stored(() => cart.remove(id, goodsId)))) throw notInCart(id, goodsId)
      return reply.code(204).send()
    },
  })
}

function notInCart(id: number, goodsId: number) {
  return failureOf(refusal('CartItemNotFound', `goods ${goodsId} are not in the cart of user ${id}`, { goodsId }))
}

type Ids<Params> = { [Name in keyof Params]: number }

/** @throws ApplicationFailure InvalidInput */
function idsOf<Params extends object>(params: Params): Ids<Params> {
  const bad: FieldProblem[] = []
  const ids = readIds(params, bad)
  if (bad.length > 0) throw invalidInput(bad)
  return ids
}

/** @throws ApplicationFailure InvalidInput naming each bad field, of the path and of the body */
function putOf(params: ItemPath['Params'], body: unknown): { id: number; item: CartItem } {
  const bad: FieldProblem[] = []
  const { id, goodsId } = readIds(params, bad)
  const sent = typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Record<string, unknown>) : undefined
  const { num, checked: said, ...unknown } = sent ?? {}
  const checked = isThere(said) ? said : true
  if (!sent) bad.push({ field: '', problem: 'must be a JSON object' })
  else if (!isQuantity(num)) bad.push({ field: 'num', problem: `must be an integer from 1 to ${MAX_QUANTITY}` })
  if (typeof checked !== 'boolean') bad.push({ field: 'checked', problem: 'must be true or false' })
  for (const field of Object.keys(unknown)) bad.push({ field: printable(field), problem: 'is not known' })
  if (bad.length > 0) throw invalidInput(bad)
  return { id, item: { goodsId, num: num as number, checked: checked as boolean } }
}

function readIds<Params extends object>(params: Params, bad: FieldProblem[]): Ids<Params> {
  const ids = Object.entries(params).map(([field, text]) => {
    const value = /^[1-9]\d{0,9}$/.test(text) ? Number(text) : Number.NaN
    if (!isId(value)) bad.push({ field, problem: `must be an integer from 1 to ${MAX_ID}` })
    return [field, value]
  })
  return Object.fromEntries(ids)
}
