import { activityInfo } from '@temporalio/activity'
import type { CreateOrderResult, OrderRequest } from '../contracts/create-order.ts'
import { failureOf, type Refusal, refusal } from '../contracts/failures.ts'
import type { Line, OrderLine } from '../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../contracts/order-sn.ts'
import { asResult, isConfirmed } from '../store/stored-order.ts'
import type { VoidOutcome } from '../store/void-orders.ts'
import type { Deps } from './deps.ts'
import { callStore } from './order-store-call.ts'

/** What openOrder found or did. */
export type Opening =
  /** The order is CREATING: by this call, or by an earlier attempt that may have sold already. */
  | { state: 'open'; orderSn: string; lines: Line[]; inserted: boolean }
  /** The request was made before, and this is its answer. */
  | { state: 'confirmed'; order: CreateOrderResult }

/** An order to void: by its request, or by its number where nobody knows the request any more. */
export type VoidOrder = ({ request: OrderRequest } | { orderSn: string }) & {
  /** Why; kept as the answer to every repeat of the request. */
  refusal: Refusal
  /** Whether a Sell may have been sent. */
  mayHaveSold: boolean
}

/** The judgement of voidOrder. */
export interface Voided {
  orderSn: string
  outcome: VoidOutcome
  /** CONFIRMED: the order stands. */
  order?: CreateOrderResult
  /** Otherwise: why the store holds it closed. */
  refusal?: Refusal
  /** Whether a Reback has to follow, and of what. */
  rebackOwed: boolean
  lines: Line[]
}

export function orderActivities({ orders, isOpen, sweepAfterMs }: Pick<Deps, 'orders' | 'isOpen' | 'sweepAfterMs'>) {
  return {
    /**
     * The idempotency check, the lock and the intent in one statement: from here on there is a record of every Sell that
     * could happen.
     * @throws the stored refusal of an order that is closed, IdempotencyKeyReused, EmptyCart, OrderInProgress
     */
    async openOrder(request: OrderRequest): Promise<Opening> {
      const orderSn = orderSnOf(request)
      const fingerprint = fingerprintOf(request)
      const { workflowId } = activityInfo().workflowExecution ?? { workflowId: '' }
      const [opened] = await callStore('openOrders', () => orders.openOrders([{ ...request, orderSn, fingerprint, workflowId }]))
      const { order, lines, inserted } = opened as NonNullable<typeof opened>
      if (order.fingerprint !== fingerprint) {
        const { requestId } = request
        throw failureOf(refusal('IdempotencyKeyReused', 'this user sent another request under this key', { requestId }))
      }
      if (isConfirmed(order)) return { state: 'confirmed', order: asResult(order) }
      if (order.status === 'CREATING') return { state: 'open', orderSn, lines, inserted }
      throw failureOf(order.refusal ?? closed(orderSn))
    },

    /**
     * The pivot. Answers what the store holds, also where an earlier attempt confirmed it.
     * @throws OrderClosed where the order was voided meanwhile
     */
    async confirmOrder({ orderSn, lines }: { orderSn: string; lines: OrderLine[] }): Promise<CreateOrderResult> {
      const total = lines.reduce((sum, { price, num }) => sum + price.amount * num, 0)
      const [order] = await callStore('confirmOrders', () => orders.confirmOrders([{ orderSn, total, lines }]))
      if (order && isConfirmed(order)) return asResult(order)
      throw failureOf(closed(orderSn))
    },

    /** Judges an order that failed: closes it unless it is confirmed, for good. */
    async voidOrder(order: VoidOrder): Promise<Voided> {
      const { refusal, mayHaveSold } = order
      const { workflowId } = activityInfo().workflowExecution ?? { workflowId: '' }
      const target =
        'request' in order
          ? {
              orderSn: orderSnOf(order.request),
              request: { ...order.request, fingerprint: fingerprintOf(order.request), workflowId },
            }
          : { orderSn: order.orderSn }
      const [voided] = await callStore('voidOrders', () => orders.voidOrders([{ ...target, refusal, mayHaveSold }]))
      const { orderSn, outcome, order: stored, lines } = voided as NonNullable<typeof voided>
      if (outcome === 'FOREIGN') return { orderSn, outcome, rebackOwed: false, lines: [] }
      if (stored && isConfirmed(stored)) return { orderSn, outcome, order: asResult(stored), rebackOwed: false, lines: [] }
      return {
        orderSn,
        outcome,
        rebackOwed: stored?.stockState === 'returning',
        lines,
        ...(stored?.refusal && { refusal: stored.refusal }),
      }
    },

    /** Numbers of orders that are unsettled for longer than any run may take, and that no open run owns. */
    async findAbandonedOrders(): Promise<string[]> {
      const unsettled = await callStore('findUnsettled', () => orders.findUnsettled(sweepAfterMs, SWEPT_AT_ONCE))
      const owned = await Promise.all(unsettled.map(({ workflowId }) => isOpen(workflowId)))
      return unsettled.filter((_, i) => !owned[i]).map(({ orderSn }) => orderSn)
    },
  }
}

/** Orders one sweep settles; the next sweep goes on. */
const SWEPT_AT_ONCE = 200

function closed(orderSn: string): Refusal {
  return refusal('OrderClosed', `order ${orderSn} was closed before it was confirmed`, { orderSn })
}
