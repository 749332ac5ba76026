import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { OrderRequest } from '../contracts/create-order.ts'
import { type FieldProblem, refusalIn } from '../contracts/failures.ts'
import { MAX_REQUEST_ID_LENGTH } from '../contracts/limits.ts'
import { invalidInput, isRequestId, parseOrderRequest } from '../contracts/order-request.ts'
import type { OrderIntake } from './order-intake.ts'
import { type ViewParts, viewOrder } from './order-view.ts'
import { IDEMPOTENCY_HEADER, json, ORDER_SN_IN_PATH, problems, ref } from './schemas.ts'

const KEY_HEADER = 'Idempotency-Key'
const WHERE = { Location: 'The order.', [KEY_HEADER]: 'The key: the one sent, or the one minted here.' }

/** `POST /orders` and `GET /orders/{orderSn}`. */
export function serveOrders(app: FastifyInstance, intake: OrderIntake, parts: ViewParts): void {
  app.route({
    method: 'POST',
    url: '/orders',
    schema: {
      operationId: 'createOrder',
      tags: ['orders'],
      summary: 'Create an order',
      description:
        'Send the same request with the same key as often as you like, at once or a day later: it is one order with one answer. ' +
        'After 202 look at Location, or send the request again.',
      headers: IDEMPOTENCY_HEADER,
      body: ref('OrderRequest'),
      response: {
        201: json('The order, as the store holds it', 'CreatedOrder', WHERE),
        202: json(
          'The order is still being created, or whether it was started, or what became of its stock, is not known',
          'PendingOrder',
          WHERE,
        ),
        ...problems(
          ...(['InvalidInput', 'BodyTooLarge', 'UnsupportedMediaType', 'IdempotencyKeyReused', 'OrderInProgress'] as const),
          ...(['GoodsNotFound', 'GoodsOffSale', 'InsufficientStock', 'EmptyCart', 'UserNotFound', 'PriceNotExact'] as const),
          ...(['OrderClosed', 'OrderCancelled', 'OrderTimedOut', 'ServiceUnavailable', 'ServiceRejected'] as const),
          'CompensationFailed',
        ),
      },
    },
    async handler({ body, headers }, reply) {
      const request = requestOf(body, headers[KEY_HEADER.toLowerCase()])
      reply.header(KEY_HEADER, request.requestId)
      const answer = await intake.place(request)
      const { orderSn } = answer.kind === 'created' ? answer.result : answer
      reply.header('Location', `/orders/${orderSn}`)
      if (answer.kind === 'created') return reply.code(201).send(answer.result)
      return reply.code(202).send({ orderSn, status: answer.status })
    },
  })

  app.route<{ Params: { orderSn: string } }>({
    method: 'GET',
    url: '/orders/:orderSn',
    schema: {
      operationId: 'getOrder',
      tags: ['orders'],
      summary: 'Look at an order, and at its saga while that runs',
      params: ORDER_SN_IN_PATH,
      response: { 200: json('The order', 'Order'), ...problems('OrderNotFound', 'ServiceUnavailable') },
    },
    async handler({ params }) {
      return await viewOrder(parts, params.orderSn)
    },
  })
}

/** @throws ApplicationFailure InvalidInput naming every bad field, of the header and of the body */
function requestOf(body: unknown, header: string | string[] | undefined): OrderRequest {
  const bad: FieldProblem[] = []
  if (header !== undefined && !isRequestId(header)) {
    bad.push({ field: KEY_HEADER, problem: `must be 1 to ${MAX_REQUEST_ID_LENGTH} printable ASCII characters` })
  }
  const key = isRequestId(header) ? header : undefined
  try {
    const request = parseOrderRequest(body, key ?? randomUUID())
    if (key !== undefined && request.requestId !== key)
      bad.push({ field: 'requestId', problem: `must equal the header ${KEY_HEADER}` })
    if (bad.length === 0) return request
  } catch (error) {
    const fields = refusalIn(error)?.details.fields
    if (!Array.isArray(fields) || bad.length === 0) throw error
    bad.push(...(fields as FieldProblem[]))
  }
  throw invalidInput(bad)
}
