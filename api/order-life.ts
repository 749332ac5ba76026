import type { FastifyInstance } from 'fastify'
import type { Caller } from '../contracts/caller.ts'
import { parse } from '../contracts/invalid-input.ts'
import { isOrderSn, ORDER_SN, type OrderSn } from '../contracts/order.ts'
import { PAYMENT, PAYMENT_REQUEST } from '../contracts/payment.ts'
import { parameters } from '../contracts/schema.ts'
import { owns } from '../identity/whose.ts'
import { CANCEL_REQUEST, ORDER } from './components.ts'
import type { OrderMoves } from './order-moves.ts'
import { orderNotFound, type ViewDeps, viewOrder } from './order-view.ts'
import { json, problems } from './schemas.ts'
import { stored } from './stored.ts'

/** Name that the audit trail gives to customers, and to callers whom nobody asked who they are. */
const BUYER = 'buyer'

const PATH = parameters({ orderSn: ORDER_SN })

interface OrderPath {
  Params: { orderSn: string }
}

const tags = ['orders']

/** The moves of an order behind its creation: it is paid, cancelled, finished, deleted. */
export function serveOrderLife(app: FastifyInstance, moves: OrderMoves, deps: ViewDeps): void {
  app.route<OrderPath>({
    method: 'POST',
    url: '/orders/:orderSn/payments',
    config: { access: 'orders:any' },
    schema: {
      operationId: 'reportPayment',
      tags,
      summary: 'Report a payment, as the payment gateway does',
      description:
        'Send a report as often as you like: provider and paymentId name the payment for ever, and each report has the same answer. Every payment of an order ' +
        'that is settled is recorded; one that is not accepted owes a refund. The status of the order decides, not the clock.',
      params: PATH.json,
      body: PAYMENT_REQUEST.json,
      response: {
        201: json('The payment is accepted, and the order is paid', PAYMENT),
        ...problems('InvalidInput', 'OrderNotFound', 'OrderNotReady', 'PaymentLate', 'PaymentDuplicate', 'PaymentMismatch'),
        ...problems('PaymentReused', 'BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params, body }, reply) {
      const orderSn = orderSnIn(params)
      const report = parse(PAYMENT_REQUEST, body)
      return reply.code(201).send(await moves.pay(orderSn, report))
    },
  })

  app.route<OrderPath>({
    method: 'POST',
    url: '/orders/:orderSn/cancel',
    config: { access: 'own' },
    schema: {
      operationId: 'cancelOrder',
      tags,
      summary: 'Cancel an order that is not paid',
      description:
        'Answered when the order is closed for good; its stock is given back at once behind that. The same again has the same answer.',
      params: PATH.json,
      body: CANCEL_REQUEST.json,
      response: {
        200: json('The order, closed', ORDER),
        ...problems('InvalidInput', 'OrderNotFound', 'OrderNotReady', 'OrderPaid', 'MoveNotAllowed'),
        ...problems('BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params, body, caller }) {
      const orderSn = orderSnIn(params)
      const { reason } = parse(CANCEL_REQUEST, body === undefined ? {} : body)
      await requireOwn(deps, caller, orderSn)
      await moves.cancel({ orderSn, by: nameOf(caller), why: reason ?? 'no reason given' })
      return await viewOrder(deps, orderSn, caller)
    },
  })

  app.route<OrderPath>({
    method: 'POST',
    url: '/orders/:orderSn/finish',
    config: { access: 'own' },
    schema: {
      operationId: 'finishOrder',
      tags,
      summary: 'Finish a paid order: its goods were received',
      params: PATH.json,
      response: {
        200: json('The order, finished', ORDER),
        ...problems('InvalidInput', 'OrderNotFound', 'OrderNotReady', 'MoveNotAllowed'),
        ...problems('BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params, body, caller }) {
      const orderSn = orderSnIn(params)
      refuseMembers(body)
      await requireOwn(deps, caller, orderSn)
      await moves.finish({ orderSn, by: nameOf(caller), why: 'its goods were received' })
      return await viewOrder(deps, orderSn, caller)
    },
  })

  app.route<OrderPath>({
    method: 'DELETE',
    url: '/orders/:orderSn',
    config: { access: 'own' },
    schema: {
      operationId: 'deleteOrder',
      tags,
      summary: 'Delete an order: hide it from its user',
      description:
        'A closed order is hidden; an unpaid one is closed first, and its stock given back. A repeat of the request that created it is answered as before.',
      params: PATH.json,
      response: {
        204: { type: 'null', description: 'It is hidden' },
        ...problems('InvalidInput', 'OrderNotFound', 'OrderNotReady', 'OrderPaid'),
        // A body is read, though it says nothing: many clients send one.
        ...problems('BodyTooLarge', 'UnsupportedMediaType', 'ServiceUnavailable'),
      },
    },
    async handler({ params, caller }, reply) {
      const orderSn = orderSnIn(params)
      await requireOwn(deps, caller, orderSn)
      await moves.delete({ orderSn, by: nameOf(caller), why: 'deleted by its buyer' })
      return reply.code(204).send()
    },
  })
}

/** @throws ApplicationFailure OrderNotFound for a text that can be no order's number */
function orderSnIn({ orderSn }: { orderSn: string }): OrderSn {
  if (!isOrderSn(orderSn)) throw orderNotFound(orderSn)
  return orderSn
}

/** @throws ApplicationFailure OrderNotFound for an order of somebody else, as for one that there is not */
async function requireOwn({ orders }: ViewDeps, caller: Caller, orderSn: OrderSn): Promise<void> {
  if (caller.kind !== 'customer') return
  const order = await stored(() => orders.getOrder(orderSn))
  if (!order || !owns(caller, order.userId)) throw orderNotFound(orderSn)
}

function nameOf(caller: Caller): string {
  return caller.kind === 'service' ? caller.subject : BUYER
}

/** A body that says nothing is none. */
function refuseMembers(sent: unknown): void {
  if (sent === undefined || sent === null) return
  parse(NO_MEMBERS, sent)
}
const NO_MEMBERS = parameters({})
