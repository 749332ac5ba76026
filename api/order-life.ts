import type { FastifyInstance } from 'fastify'
import { failureOf } from '../contracts/application-failure.ts'
import { type FailureType, failure } from '../contracts/failures.ts'
import { parse } from '../contracts/invalid-input.ts'
import {
  isOrderSn,
  ORDER_SN,
  type OrderSn,
  type OrderStatus,
  parseOrderSn,
  STANDING_STATUSES,
  UNPAID_STATUSES,
} from '../contracts/order.ts'
import type { OrderEvents } from '../contracts/order-events.ts'
import { PAYMENT, PAYMENT_REQUEST, type Payment, type PaymentOutcome } from '../contracts/payment.ts'
import { parameters } from '../contracts/schema.ts'
import type { Moved } from '../store/life/move-orders.ts'
import type { OrderStore } from '../store/order-store.ts'
import { CANCEL_REQUEST, ORDER } from './components.ts'
import { orderNotFound, type ViewDeps, viewOrder } from './order-view.ts'
import { json, problems } from './schemas.ts'
import { stored } from './stored.ts'

export interface LifeDeps extends ViewDeps {
  life: Pick<OrderStore, 'recordPayment' | 'closeOrder' | 'finishOrder' | 'deleteOrder'>
  /** Has the participants given back what a closed order holds, at once. */
  giveBack: { add(orderSn: OrderSn): void }
  onTransition?: OrderEvents['onTransition']
  onPayment?: OrderEvents['onPayment']
}

/** Name that the audit trail gives to callers of the HTTP API. */
const BUYER = 'buyer'

const PATH = parameters({ orderSn: ORDER_SN })

interface OrderPath {
  Params: { orderSn: string }
}

const tags = ['orders']

/** The failure by which a payment is answered that was recorded and not accepted. */
const NOT_ACCEPTED: Record<Exclude<PaymentOutcome, 'accepted'>, FailureType> = {
  late: 'PaymentLate',
  duplicate: 'PaymentDuplicate',
  mismatch: 'PaymentMismatch',
}

/** The moves of an order behind its creation: it is paid, cancelled, finished, deleted. */
export function serveOrderLife(app: FastifyInstance, deps: LifeDeps): void {
  const { life, giveBack, onTransition, onPayment } = deps

  app.route<OrderPath>({
    method: 'POST',
    url: '/orders/:orderSn/payments',
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
      const answer = await stored(() => life.recordPayment(orderSn, report))
      if (answer.kind === 'absent') throw orderNotFound(orderSn)
      if (answer.kind === 'unsettled') throw notReady(orderSn)
      const named = `payment ${JSON.stringify(report.paymentId)} of ${JSON.stringify(report.provider)}`
      if (answer.kind === 'other') {
        const { orderSn: of } = answer.payment
        throw failureOf(failure('PaymentReused', `${named} was reported before, of order ${of}`, { orderSn }))
      }
      const payment = shown(answer.payment)
      if (answer.isNew) {
        onPayment?.(payment.outcome)
        if (payment.outcome === 'accepted') onTransition?.('TRADE_SUCCESS')
      }
      if (payment.outcome !== 'accepted') {
        const type = NOT_ACCEPTED[payment.outcome]
        throw failureOf(failure(type, `${named} does not pay order ${orderSn}`, { orderSn, payment }))
      }
      return reply.code(201).send(payment)
    },
  })

  app.route<OrderPath>({
    method: 'POST',
    url: '/orders/:orderSn/cancel',
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
    async handler({ params, body }) {
      const orderSn = orderSnIn(params)
      const { reason } = parse(CANCEL_REQUEST, body ?? {})
      const move = { orderSn, by: BUYER, why: reason ?? 'no reason given' }
      const closed = await stored(() => life.closeOrder(move, 'cancelled'))
      if (closed.kind === 'moved') onTransition?.('TRADE_CLOSED')
      refuseUnlessMoved(orderSn, closed, 'cancelled')
      giveBackOf(closed)
      return await viewOrder(deps, orderSn)
    },
  })

  app.route<OrderPath>({
    method: 'POST',
    url: '/orders/:orderSn/finish',
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
    async handler({ params, body }) {
      const orderSn = orderSnIn(params)
      refuseMembers(body)
      const finished = await stored(() => life.finishOrder({ orderSn, by: BUYER, why: 'its goods were received' }))
      if (finished.kind === 'moved') onTransition?.('TRADE_FINISHED')
      refuseUnlessMoved(orderSn, finished, 'finished')
      return await viewOrder(deps, orderSn)
    },
  })

  app.route<OrderPath>({
    method: 'DELETE',
    url: '/orders/:orderSn',
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
    async handler({ params }, reply) {
      const orderSn = orderSnIn(params)
      const deleted = await stored(() => life.deleteOrder({ orderSn, by: BUYER, why: 'deleted by its buyer' }))
      if (deleted.closedNow) onTransition?.('TRADE_CLOSED')
      refuseUnlessMoved(orderSn, deleted, 'deleted')
      giveBackOf(deleted)
      return reply.code(204).send()
    },
  })

  /** Has what it holds given back, also if an earlier call closed it: that one may have ended before it came to this. */
  function giveBackOf(closed: Moved): void {
    if (closed.kind !== 'absent' && closed.order.owed.length > 0) giveBack.add(parseOrderSn(closed.order.orderSn))
  }
}

/** @throws ApplicationFailure OrderNotFound for a text that can be no order's number */
function orderSnIn({ orderSn }: { orderSn: string }): OrderSn {
  if (!isOrderSn(orderSn)) throw orderNotFound(orderSn)
  return orderSn
}

/** A body that says nothing is none. */
function refuseMembers(sent: unknown): void {
  if (sent === undefined || sent === null) return
  parse(NO_MEMBERS, sent)
}
const NO_MEMBERS = parameters({})

function notReady(orderSn: string) {
  return failureOf(failure('OrderNotReady', `order ${orderSn} is neither confirmed nor closed yet`, { orderSn }))
}

/** @throws ApplicationFailure OrderNotFound, OrderNotReady, OrderPaid, MoveNotAllowed */
function refuseUnlessMoved(orderSn: string, moved: Moved, to: 'cancelled' | 'finished' | 'deleted'): void {
  if (moved.kind === 'absent') throw orderNotFound(orderSn)
  if (moved.kind !== 'refused') return
  const { status } = moved.order
  if (status === 'CREATING' || status === 'IN_DOUBT') throw notReady(orderSn)
  const isPaid = (STANDING_STATUSES as readonly OrderStatus[]).includes(status) && !UNPAID_STATUSES.includes(status)
  const type = isPaid && to !== 'finished' ? 'OrderPaid' : 'MoveNotAllowed'
  throw failureOf(failure(type, `order ${orderSn} is ${status}, and can't be ${to}`, { orderSn }))
}

/** The payment without the number of its order, which stands in the path. */
function shown({ orderSn: _, ...payment }: Payment & { orderSn: string }): Payment {
  return payment
}
