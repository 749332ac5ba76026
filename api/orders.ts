import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { refusalIn } from '../contracts/application-failure.ts'
import type { OrderRequest } from '../contracts/create-order.ts'
import type { FieldProblem } from '../contracts/failures.ts'
import { invalidInput, isRequestId, parseOrderRequest, REQUEST_ID_IS } from '../contracts/order-request.ts'
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
    async handler({ body, raw }, reply) {
      const request = requestOf(body, keysIn(raw.rawHeaders))
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
function requestOf(body: unknown, [header, ...others]: string[]): OrderRequest {
  const bad: FieldProblem[] = []
  const sent = header === undefined ? undefined : unquoted(header)
  const key = isRequestId(sent) && sent.trim() !== '' ? sent : undefined
  if (others.length > 0) {
    bad.push({ field: KEY_HEADER, problem: `must be sent once, not ${others.length + 1} times` })
  } else if (header !== undefined && key === undefined) {
    bad.push({ field: KEY_HEADER, problem: `${REQUEST_ID_IS}; in quotes, " and \\ have a \\ before them` })
  }
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

/** Each as it was sent: Node joins the values of equal headers, and two keys would be a third one. */
function keysIn(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === KEY_HEADER.toLowerCase())
}

/**
 * The key that the header names: plain, or as a string of RFC 8941 (Structured Field Values), in which the IETF's draft of
 * Idempotency-Key writes it; `undefined` if it begins with a quote and is no such string.
 */
function unquoted(header: string): string | undefined {
  if (!header.startsWith('"')) return header
  const [, text] = /^"((?:[^"\\]|\\["\\])*)"$/.exec(header) ?? []
  return text?.replace(/\\(.)/g, '$1')
}
