import { moveNotAllowed, type OrderMoves, orderNotReady } from '../api/order-moves.ts'
import { orderNotFound } from '../api/order-view.ts'
import { stored } from '../api/stored.ts'
import type { Caller } from '../contracts/caller.ts'
import { isId } from '../contracts/kinds.ts'
import { MAX_PAYMENT_ID_LENGTH } from '../contracts/limits.ts'
import { type OrderStatus, STANDING_STATUSES } from '../contracts/order.ts'
import { requireAccess } from '../identity/access.ts'
import { owns } from '../identity/whose.ts'
import type { OrderDelRequest, OrderStatus as WireUpdate } from '../proto/generated/order.ts'
import type { OrderName, OrderSlip } from '../store/order-slips.ts'
import type { OrderStore } from '../store/order-store.ts'
import { InvalidField } from './invalid-field.ts'
import { isUnsettled } from './order-queries.ts'

/** Name that the audit trail gives to callers of these methods, and the payments that they report to their provider. */
const BY = 'order-service'

/** The statuses that the original knows. */
const STATUSES: readonly OrderStatus[] = [...STANDING_STATUSES, 'TRADE_CLOSED']

/** The moves that a customer may make with an order of their own. */
const MOVES_OF_OWNERS: readonly OrderStatus[] = ['TRADE_CLOSED', 'TRADE_FINISHED']

export interface OrderUpdatesDeps {
  slips: Pick<OrderStore, 'orderSlip'>
  moves: Pick<OrderMoves, 'pay' | 'beginPayment' | 'cancel' | 'finish' | 'delete'>
}

/** The methods that move orders on. */
export class OrderUpdates {
  readonly #deps: OrderUpdatesDeps

  constructor(deps: OrderUpdatesDeps) {
    this.#deps = deps
  }

  /**
   * Moves an order to a status. The owner of an order may close and finish it, as over HTTP; whatever else is asked is said of a payment, which no
   * customer may report: one could call their own order paid.
   * @throws ApplicationFailure Forbidden, OrderNotFound, OrderNotReady, MoveNotAllowed, OrderPaid, PaymentLate, and what else refuses a payment
   */
  async update({ id, orderSn: number, status }: WireUpdate, caller: Caller): Promise<Record<string, never>> {
    if (id < 1 && number === '') throw new InvalidField('order', 'id', 'must be above 0, or order_sn be sent')
    if (status === '') throw new InvalidField('status', 'status', 'must not be empty')
    const to = STATUSES.find((one) => one === status)
    if (!to) throw new InvalidField('unknownStatus', 'status', `must be one of ${STATUSES.join(', ')}`)
    if (!MOVES_OF_OWNERS.includes(to)) requireAccess(caller, 'orders:any')
    const slip = await this.#find(id > 0 ? { kind: 'id', id } : { kind: 'number', orderSn: number })
    // Money that arrives for an order that is hidden is recorded all the same.
    if (!slip || (slip.isDeleted && to !== 'TRADE_SUCCESS') || !owns(caller, slip.userId)) {
      throw orderNotFound(id > 0 ? String(id) : number)
    }
    if (isUnsettled(slip)) throw orderNotReady(slip.orderSn)
    if (slip.status !== to) await this.#move(slip, to)
    return {}
  }

  /** @throws ApplicationFailure OrderNotFound, OrderNotReady, OrderPaid */
  async delete({ id, userId }: OrderDelRequest): Promise<Record<string, never>> {
    if (!isId(id)) throw new InvalidField('orderId', 'id', 'must be above 0')
    const slip = await this.#find({ kind: 'id', id })
    if (!slip || slip.isDeleted || (userId > 0 && userId !== slip.userId)) throw orderNotFound(String(id))
    await this.#deps.moves.delete({ orderSn: slip.orderSn, by: BY, why: 'OrderDelete' })
    return {}
  }

  async #find(name: OrderName): Promise<OrderSlip | undefined> {
    // No order has such a number; PostgreSQL would refuse a text with NUL.
    if (name.kind === 'number' && (name.orderSn.includes('\0') || name.orderSn.length > MAX_PAYMENT_ID_LENGTH)) return undefined
    return await stored(() => this.#deps.slips.orderSlip(name))
  }

  async #move(slip: OrderSlip, to: OrderStatus): Promise<void> {
    const { moves } = this.#deps
    const { orderSn } = slip
    const move = { orderSn, by: BY, why: `OrderUpdate to ${to}` }
    if (to === 'TRADE_CLOSED') return await moves.cancel(move)
    if (to === 'TRADE_FINISHED') return await moves.finish(move)
    if (to === 'PAYING' && slip.status === 'WAIT_BUYER_PAY') return await moves.beginPayment(move)
    if (to === 'TRADE_SUCCESS' && (slip.status === 'PAYING' || slip.status === 'TRADE_CLOSED')) return await this.#pay(slip)
    throw moveNotAllowed(orderSn, slip.status, to)
  }

  /**
   * Reports that an order is paid, which is all that the original's callers say of a payment. It stands for one payment of the order's total; a closed
   * order owes it back.
   */
  async #pay({ orderSn, total, status }: OrderSlip): Promise<void> {
    // An order that was refused has no total, and nobody could pay it.
    if (!total) throw moveNotAllowed(orderSn, status, 'TRADE_SUCCESS')
    const report = { provider: BY, paymentId: orderSn, amount: total, paidAt: new Date().toISOString() }
    await this.#deps.moves.pay(orderSn, report)
  }
}
