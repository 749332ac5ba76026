import type { FastifyInstance } from 'fastify'
import { CREATED_ORDER, type CreateOrderInput, ORDER_REQUEST } from '../contracts/create-order.ts'
import { InputProblems } from '../contracts/input-problems.ts'
import { refuseIfAny } from '../contracts/invalid-input.ts'
import { isRequestId } from '../contracts/kinds.ts'
import { readOrderRequest } from '../contracts/order-request.ts'
import { placedBy } from '../identity/placed-by.ts'
import { userMeant } from '../identity/whose.ts'
import { ORDER, PENDING_ORDER } from './components.ts'
import { IDEMPOTENCY_HEADER, KEY_HEADER, readKey } from './idempotency-key.ts'
import type { OrderIntake } from './order-intake.ts'
import { type ViewDeps, viewOrder } from './order-view.ts'
import { json, ORDER_SN_IN_PATH, problems } from './schemas.ts'

const WHERE = { Location: 'The order.', [KEY_HEADER]: 'The key: the one sent, or the one made here.' }

/** `POST /orders` and `GET /orders/{orderSn}`. */
export function serveOrders(app: FastifyInstance, intake: OrderIntake, deps: ViewDeps): void {
  app.route({
    method: 'POST',
    url: '/orders',
    config: { access: 'own' },
    onRequest: async () => intake.refuseIfBusy(),
    schema: {
      operationId: 'createOrder',
      tags: ['orders'],
      summary: 'Create an order',
      description:
        'Send the same request with the same key as often as you like, at once or a day later: it is one order with one answer. ' +
        'After 202 look at Location, or send the request again. Without a key, an order of the cart gets one made of the cart and of the ' +
        'fields of the request: sent again, it is the same order until the user edits the cart or the order is refused. An order of lines ' +
        'without a key is a new one each time.',
      headers: IDEMPOTENCY_HEADER,
      body: ORDER_REQUEST.json,
      response: {
        201: json('The order, as the store holds it', CREATED_ORDER, WHERE),
        202: json(
          'The order is still being created, or whether it was started, or what became of its stock, is not known',
          PENDING_ORDER,
          WHERE,
        ),
        ...problems(
          ...(['InvalidInput', 'BodyTooLarge', 'UnsupportedMediaType', 'IdempotencyKeyReused', 'OrderInProgress'] as const),
          ...([
            'GoodsNotFound',
            'GoodsOffSale',
            'InsufficientStock',
            'EmptyCart',
            'CartChanged',
            'UserNotFound',
            'PriceNotExact',
          ] as const),
          ...(['OrderClosed', 'OrderCancelled', 'OrderTimedOut', 'ServiceUnavailable', 'ServiceRejected'] as const),
          ...(['PriceChanged', 'UnpaidOrdersLimit', 'UnpaidPiecesLimit', 'CompensationFailed'] as const),
        ),
      },
    },
    async handler({ body, raw, caller }, reply) {
      const asked = requestOf(body, raw.rawHeaders)
      userMeant(caller, asked.userId)
      const answer = await intake.place(
        { ...asked, ...placedBy(caller) },
        {
          onNamed: (key) => reply.header(KEY_HEADER, key),
        },
      )
      const { orderSn } = answer.kind === 'created' ? answer.result : answer
      reply.header('Location', `/orders/${orderSn}`)
      if (answer.kind === 'created') return reply.code(201).send(answer.result)
      return reply.code(202).send({ orderSn, status: answer.status })
    },
  })

  app.route<{ Params: { orderSn: string } }>({
    method: 'GET',
    url: '/orders/:orderSn',
    config: { access: 'own' },
    schema: {
      operationId: 'getOrder',
      tags: ['orders'],
      summary: 'Look at an order, and at its saga while that runs',
      params: ORDER_SN_IN_PATH,
      response: { 200: json('The order', ORDER), ...problems('OrderNotFound', 'ServiceUnavailable') },
    },
    async handler({ params, caller }) {
      return await viewOrder(deps, params.orderSn, caller)
    },
  })
}

/** @throws ApplicationFailure InvalidInput naming every bad field, of the header and of the body */
function requestOf(body: unknown, rawHeaders: readonly string[]): CreateOrderInput {
  const found = new InputProblems()
  const key = readKey(rawHeaders, found)
  const asked = readOrderRequest(body, found)
  if (key !== undefined && isRequestId(asked.requestId) && asked.requestId !== key) {
    found.add('requestId', `must equal the header ${KEY_HEADER}`)
  }
  refuseIfAny(found)
  const requestId = asked.requestId ?? key
  return { ...asked, ...(requestId !== undefined && { requestId }) }
}
