import { failureOf } from '../contracts/application-failure.ts'
import { type FailureType, failure } from '../contracts/failures.ts'
import { type OrderSn, type OrderStatus, parseOrderSn, STANDING_STATUSES, UNPAID_STATUSES } from '../contracts/order.ts'
import type { OrderEvents } from '../contracts/order-events.ts'
import type { Payment, PaymentOutcome, PaymentRequest } from '../contracts/payment.ts'
import type { Move, Moved } from '../store/life/move-orders.ts'
import type { OrderStore } from '../store/order-store.ts'
import { orderNotFound } from './order-view.ts'
import { stored } from './stored.ts'

export interface MovesDeps {
  life: Pick<OrderStore, 'recordPayment' | 'beginPayment' | 'closeOrder' | 'finishOrder' | 'deleteOrder'>
  /** Has the participants given back what a closed order holds, at once. */
  giveBack: { add(orderSn: OrderSn): void }
  onTransition?: OrderEvents['onTransition']
  onPayment?: OrderEvents['onPayment']
}

/** The failure by which a payment is answered that was recorded and not accepted. */
const NOT_ACCEPTED: Record<Exclude<PaymentOutcome, 'accepted'>, FailureType> = {
  late: 'PaymentLate',
  duplicate: 'PaymentDuplicate',
  mismatch: 'PaymentMismatch',
}

/** The moves of an order behind its creation, whichever door they come through. Each throws the failure that refuses it. */
export class OrderMoves {
  readonly #deps: MovesDeps

  constructor(deps: MovesDeps) {
    this.#deps = deps
  }

  /** @throws ApplicationFailure OrderNotFound, OrderNotReady, PaymentReused, PaymentLate, PaymentDuplicate, PaymentMismatch */
  async pay(orderSn: string, report: PaymentRequest): Promise<Payment> {
    const { life, onPayment, onTransition } = this.#deps
    const answer = await stored(() => life.recordPayment(orderSn, report))
    if (answer.kind === 'absent') throw orderNotFound(orderSn)
    if (answer.kind === 'unsettled') throw orderNotReady(orderSn)
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
    if (payment.outcome === 'accepted') return payment
    const type = NOT_ACCEPTED[payment.outcome]
    throw failureOf(failure(type, `${named} does not pay order ${orderSn}`, { orderSn, payment }))
  }

  /** @throws ApplicationFailure OrderNotFound, OrderNotReady, MoveNotAllowed */
  async beginPayment(move: Move): Promise<void> {
    const { life, onTransition } = this.#deps
    const begun = await stored(() => life.beginPayment(move))
    if (begun.kind === 'moved') onTransition?.('PAYING')
    refuseUnlessMoved(move.orderSn, begun, 'PAYING')
  }

  /** @throws ApplicationFailure OrderNotFound, OrderNotReady, OrderPaid, MoveNotAllowed */
  async cancel(move: Move): Promise<void> {
    const { life, onTransition } = this.#deps
    const closed = await stored(() => life.closeOrder(move, 'cancelled'))
    if (closed.kind === 'moved') onTransition?.('TRADE_CLOSED')
    refuseUnlessMoved(move.orderSn, closed, 'cancelled')
    this.#giveBackOf(closed)
  }

  /** @throws ApplicationFailure OrderNotFound, OrderNotReady, MoveNotAllowed */
  async finish(move: Move): Promise<void> {
    const { life, onTransition } = this.#deps
    const finished = await stored(() => life.finishOrder(move))
    if (finished.kind === 'moved') onTransition?.('TRADE_FINISHED')
    refuseUnlessMoved(move.orderSn, finished, 'finished')
  }

  /** @throws ApplicationFailure OrderNotFound, OrderNotReady, OrderPaid */
  async delete(move: Move): Promise<void> {
    const { life, onTransition } = this.#deps
    const deleted = await stored(() => life.deleteOrder(move))
    if (deleted.closedNow) onTransition?.('TRADE_CLOSED')
    refuseUnlessMoved(move.orderSn, deleted, 'deleted')
    this.#giveBackOf(deleted)
  }

  /** Has what it holds given back, also if an earlier call closed it: that one may have ended before it came to this. */
  #giveBackOf(closed: Moved): void {
    if (closed.kind !== 'absent' && closed.order.owed.length > 0) this.#deps.giveBack.add(parseOrderSn(closed.order.orderSn))
  }
}

/** The failure of a move of an order that is not settled. */
export function orderNotReady(orderSn: string) {
  return failureOf(failure('OrderNotReady', `order ${orderSn} is neither confirmed nor closed yet`, { orderSn }))
}

/** Word for what becomes of an order by a move. */
type MovedTo = 'cancelled' | 'finished' | 'deleted' | OrderStatus

/** The failure of a move that the status of the order does not allow. */
export function moveNotAllowed(orderSn: string, status: OrderStatus, to: MovedTo) {
  const isPaid = (STANDING_STATUSES as readonly OrderStatus[]).includes(status) && !UNPAID_STATUSES.includes(status)
  const type = isPaid && (to === 'cancelled' || to === 'deleted') ? 'OrderPaid' : 'MoveNotAllowed'
  return failureOf(failure(type, `order ${orderSn} is ${status}, and can't be ${to}`, { orderSn }))
}

/** @throws ApplicationFailure OrderNotFound, OrderNotReady, OrderPaid, MoveNotAllowed */
function refuseUnlessMoved(orderSn: string, moved: Moved, to: MovedTo): void {
  if (moved.kind === 'absent') throw orderNotFound(orderSn)
  if (moved.kind !== 'refused') return
  const { status } = moved.order
  if (status === 'CREATING' || status === 'IN_DOUBT') throw orderNotReady(orderSn)
  throw moveNotAllowed(orderSn, status, to)
}

/** The payment without the number of its order, which the caller named. */
function shown({ orderSn: _, ...payment }: Payment & { orderSn: string }): Payment {
  return payment
}
