import type { FastifyInstance } from 'fastify'
import { integerInQuery } from '../contracts/kinds.ts'
import { isOrderSn, ORDER_STATUSES, type OrderStatus } from '../contracts/order.ts'
import { optional, parameters, type Schema } from '../contracts/schema.ts'
import { userMeant } from '../identity/whose.ts'
import type { ListPlace } from '../store/life/list-orders.ts'
import type { OrderStore } from '../store/order-store.ts'
import { ORDER_LIST } from './components.ts'
import { summaryOf } from './order-view.ts'
import { readQuery } from './query.ts'
import { ID_IN_PATH, json, problems } from './schemas.ts'
import { stored } from './stored.ts'

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 100

const STATUS_IN_QUERY: Schema<OrderStatus> = {
  json: { type: 'string', description: 'Only orders of this status.', examples: ORDER_STATUSES },
  read(value, path, found) {
    if (!(ORDER_STATUSES as readonly unknown[]).includes(value)) found.add(path, `must be one of ${ORDER_STATUSES.join(', ')}`)
    return value as OrderStatus
  },
}

/** A place in a list, as `next` names it. */
const PLACE_IN_QUERY: Schema<ListPlace> = {
  json: { type: 'string', description: 'Value of next of the page before.' },
  read(value, path, found) {
    const [, createdAtMicros = '', orderSn] = /^(\d{1,18})-([A-Z2-7]{16})$/.exec(String(value)) ?? []
    if (isOrderSn(orderSn)) return { createdAtMicros, orderSn }
    found.add(path, 'must be what next says on the page before')
    return { createdAtMicros: '0', orderSn: '' }
  },
}

const QUERY = parameters({
  userId: ID_IN_PATH,
  status: optional(STATUS_IN_QUERY),
  after: optional(PLACE_IN_QUERY),
  limit: optional(integerInQuery(1, MAX_LIMIT), { default: DEFAULT_LIMIT }),
})

/** `GET /orders`: the orders of a user, page by page. */
export function serveOrderList(app: FastifyInstance, orders: Pick<OrderStore, 'listOrders'>): void {
  app.route({
    method: 'GET',
    url: '/orders',
    config: { access: 'own' },
    schema: {
      operationId: 'listOrders',
      tags: ['orders'],
      summary: 'List the orders of a user, the youngest first',
      description:
        'Page by page: send next of one page as after, and every order is met once, whatever comes in meanwhile. Requests that were refused and orders that were deleted are left out.',
      querystring: QUERY.json,
      response: { 200: json('One page', ORDER_LIST), ...problems('InvalidInput', 'ServiceUnavailable') },
    },
    async handler({ query, caller }) {
      const { limit = DEFAULT_LIMIT, ...asked } = readQuery(QUERY, query)
      userMeant(caller, asked.userId)
      const page = await stored(() => orders.listOrders({ ...asked, limit }))
      const { next } = page
      return { orders: page.orders.map(summaryOf), ...(next && { next: `${next.createdAtMicros}-${next.orderSn}` }) }
    },
  })
}
