import { failureOf } from '../contracts/application-failure.ts'
import type { CreateOrderResult, OrderRequest } from '../contracts/create-order.ts'
import { MAX_BATCH_BYTES, MAX_BATCH_LINES } from '../contracts/create-orders.ts'
import { encodedBytes } from '../contracts/encoded-size.ts'
import { type Failure, failure } from '../contracts/failures.ts'
import { fitTexts } from '../contracts/fit-texts.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { MAX_RESULT_BYTES } from '../contracts/limits.ts'
import { type OrderSn, parseOrderSn } from '../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../contracts/order-sn.ts'
import { inventory } from '../contracts/participants/inventory.ts'
import type { BatchOpening, Confirmation, Opening, Voided, VoidOrder } from '../contracts/steps.ts'
import { UNDER_WAY_MS } from '../contracts/time-budget.ts'
import { asResult, type ConfirmedOrder, isConfirmed, type StoredOrder } from '../store/stored-order.ts'
import type { Deps } from './deps.ts'
import { inDoubt } from './in-doubt.ts'
import { leaveAnswered } from './leave-answered.ts'
import { callStore } from './order-store-call.ts'
import { otherMode } from './other-mode.ts'
import { runningWorkflowId } from './running-workflow.ts'
import { underWay } from './under-way.ts'

export function orderActivities({
  orders,
  answerGiven,
  unkeyed,
  onConfirmed,
  onRefused,
  onOrderEnd,
  onCompensation,
  payWithinMs,
  underWayMs = UNDER_WAY_MS,
  onTransition,
}: Pick<
  Deps,
  | 'orders'
  | 'answerGiven'
  | 'unkeyed'
  | 'onConfirmed'
  | 'onRefused'
  | 'onOrderEnd'
  | 'onCompensation'
  | 'payWithinMs'
  | 'underWayMs'
  | 'onTransition'
>) {
  const keyed = !unkeyed

  async function open(requests: OrderRequest[]) {
    const workflowId = runningWorkflowId()
    const intents = requests.map((request) => ({ ...request, ...keysOf(request), workflowId, keyed }))
    const opened = await callStore('openOrders', () => orders.openOrders(intents))
    for (const { order, inserted } of opened) if (inserted && order.refusal) onOrderEnd?.({ outcome: order.refusal.type })
    const mine = await callStore('openOrders', async () =>
      opened.map(({ order }, i) => orders.isOf(order, intents[i]?.fingerprint ?? '')),
    )
    return opened.map((one, i) => ({
      ...one,
      mine: mine[i] === true,
      byThisRun: one.order.workflowId === workflowId && one.order.keyed === keyed,
    }))
  }

  function leaveToItsMode(order: StoredOrder): void {
    if (order.keyed !== keyed) throw otherMode(order)
  }

  async function voidAll(intents: VoidOrder[]): Promise<Voided[]> {
    const workflowId = intents.some((order) => 'request' in order) ? runningWorkflowId() : ''
    const attempt = async () => {
      for (const order of intents) if (!order.isOwn) await leaveAnswered({ orders, answerGiven }, numberOf(order))
      return await callStore('voidOrders', () =>
        orders.voidOrders(
          intents.map((order) => {
            const orderSn = numberOf(order)
            // A doubt is no answer for ever: once it is settled, the order is one that was closed.
            const refusal = order.refusal.type === 'OrderInDoubt' ? closed(orderSn) : order.refusal
            // Who was answered OrderInDoubt knows that nobody waits for the Sell's answer; anybody else leaves it to who may.
            const waits = order.refusal.type === 'OrderInDoubt' ? {} : { underWayMs }
            if (!('request' in order)) return { orderSn, refusal, keyed, ...waits }
            return {
              orderSn,
              refusal,
              keyed,
              ...waits,
              request: { ...order.request, fingerprint: fingerprintOf(order.request), workflowId },
            }
          }),
        ),
      )
    }
    const voided = await attempt().catch((error: unknown) => {
      onCompensation?.('voidOrder', 'failed', intents.length)
      throw error
    })
    for (const { order, outcome } of voided) {
      const closedHere = outcome === 'CLOSED_NOW' || (outcome === 'ABSENT' && order)
      if (outcome === 'DOUBTED_NOW') {
        onOrderEnd?.({ outcome: 'OrderInDoubt' })
        onTransition?.('IN_DOUBT')
      }
      if (outcome === 'CLOSED_NOW') onTransition?.('TRADE_CLOSED')
      onCompensation?.(
        'voidOrder',
        closedHere ? 'done' : outcome === 'OTHER_MODE' || outcome === 'UNDER_WAY' ? 'failed' : 'needless',
      )
      if (closedHere && order?.refusal) onOrderEnd?.({ outcome: order.refusal.type })
    }
    return voided.map(({ outcome, order, lines, ...one }) => {
      const orderSn = parseOrderSn(one.orderSn)
      if (order && outcome === 'OTHER_MODE') throw otherMode(order)
      if (outcome === 'UNDER_WAY') throw underWay(orderSn, 'Sell')
      if (outcome === 'FOREIGN') return { orderSn, outcome, rebackOwed: false, lines: [] }
      const { owed = [] } = order ?? {}
      const rebackOwed = owed.includes(inventory.name)
      const debts = { ...(owed.length > 0 && { owed }), rebackOwed }
      if (order && rebackOwed) leaveToItsMode(order)
      // One that was confirmed may owe what it holds all the same: the shop has closed it since.
      if (order && isConfirmed(order))
        return { orderSn, outcome, order: answerOf(order), ...debts, lines: owed.length > 0 ? lines : [] }
      const refusal = order && (doubtOf(order) ?? order.refusal)
      return { orderSn, outcome, ...debts, lines, ...(refusal && { refusal }) }
    })
  }

  /**
   * Confirms them: if the inventory has keys, only the run knows whether its Sell was acknowledged, so nobody but
   * a run may confirm.
   */
  async function confirm(confirmations: Confirmation[]) {
    const workflowId = runningWorkflowId()
    const answers = await callStore('confirmOrders', () =>
      orders.confirmOrders(
        confirmations.map(({ orderSn, lines }) => ({
          orderSn,
          keyed,
          lines,
          total: lines.reduce((sum, { price, num }) => sum + price.amount * num, 0),
        })),
        payWithinMs,
      ),
    )
    for (const { tookSeconds: seconds } of answers) {
      if (seconds === undefined) continue
      onOrderEnd?.({ outcome: 'confirmed', seconds })
      onTransition?.('PAYING')
    }
    return answers.map((order) => ({ order, workflowId }))
  }

  return {
    /**
     * The idempotency check, the lock and the intent in one statement: from here on there is a record of every Sell that
     * could happen.
     * @throws the stored refusal of an order that is closed, IdempotencyKeyReused, EmptyCart, OrderInProgress, OrderInDoubt
     */
    async openOrder(request: OrderRequest): Promise<Opening> {
      const { order, lines, mine, inserted, mayCost } = first(await open([request]))
      const { orderSn } = order
      if (!mine) throw failureOf(reused(request))
      if (isConfirmed(order)) return { state: 'confirmed', order: answerOf(order) }
      if (order.status === 'CREATING') {
        const by = inserted ? { inserted } : { openedBy: order.workflowId }
        leaveToItsMode(order)
        return { state: 'open', orderSn: parseOrderSn(orderSn), lines, ...ifSet(mayCost), ...by }
      }
      throw failureOf(doubtOf(order) ?? order.refusal ?? closed(orderSn))
    },

    /**
     * The same for a batch, in one attempt. Who would make the result too large for a payload is left to a saga of its own.
     *
     * @param isSecondRound whether this run tried them before
     * @returns one answer for each request, in their order
     */
    async openOrders(requests: OrderRequest[], isSecondRound = false): Promise<BatchOpening[]> {
      let linesLeft = MAX_BATCH_LINES
      let bytesLeft: number = MAX_BATCH_BYTES.repeats
      const ifItFits = (opening: BatchOpening): BatchOpening => {
        const size = encodedBytes(opening)
        if (size > bytesLeft) return { state: 'doubtful', why: 'too large an answer for a batch', reason: 'too_large' }
        bytesLeft -= size
        return opening
      }
      return (await open(requests)).map(({ order, lines, mayCost, inserted, mine, byThisRun }, i) => {
        const { orderSn, status, owed } = order
        if (!mine) return { state: 'refused', refusal: reused(requests[i] as OrderRequest) }
        if (isConfirmed(order)) return ifItFits({ state: 'confirmed', order: answerOf(order) })
        if (status === 'CREATING') {
          if (!inserted && !(isSecondRound && byThisRun))
            return { state: 'doubtful', why: 'opened before', reason: 'opened_before' }
          if (lines.length > linesLeft) return { state: 'doubtful', why: 'too many lines for a batch', reason: 'too_large' }
          linesLeft -= lines.length
          return { state: 'open', orderSn: parseOrderSn(orderSn), lines, ...ifSet(mayCost) }
        }
        if (owed.length > 0) return { state: 'doubtful', why: `${owed.join(', ')} is owed`, reason: 'reback_owed' }
        return ifItFits({ state: 'refused', refusal: doubtOf(order) ?? order.refusal ?? closed(orderSn) })
      })
    },

    /**
     * The pivot. Answers what the store holds, also if an earlier attempt confirmed it.
     * @throws OrderClosed if the order was voided meanwhile; InvalidInput for other lines than the order's, or none sold
     */
    async confirmOrder(confirmation: Confirmation): Promise<CreateOrderResult> {
      const { order } = first(await confirm([confirmation]))
      if (isConfirmed(order)) return answerOf(order)
      if (order.status !== 'CREATING') throw failureOf(closed(order.orderSn))
      leaveToItsMode(order)
      throw invalidInput([{ field: 'lines', problem: `must be those that order ${order.orderSn} was opened with, and sold` }])
    },

    /** The same for a batch. @returns for each what the store holds, or `null`: it was voided meanwhile, or not confirmed for what else confirmOrder refuses */
    async confirmOrders(confirmations: Confirmation[]): Promise<(CreateOrderResult | null)[]> {
      return (await confirm(confirmations)).map(({ order, workflowId }) => {
        if (!isConfirmed(order)) return null
        const result = answerOf(order)
        onConfirmed?.(result, workflowId)
        return result
      })
    },

    /**
     * Judges an order that failed: closes it unless it is confirmed, for good.
     * @throws CompensationFailed for one that a run which has ended calls confirmed, and the store does not
     */
    async voidOrder(order: VoidOrder): Promise<Voided> {
      return first(await voidAll([order]))
    },

    /** The same for a batch, which voids what it opened. @returns one judgement for each, in their order */
    async voidOrders(intents: VoidOrder[]): Promise<Voided[]> {
      let bytesLeft: number = MAX_BATCH_BYTES.voided
      const own = intents.map((order) => ('request' in order ? { ...order, isOwn: true } : order))
      return (await voidAll(own)).map((voided) => {
        const { orderSn, outcome, owed, refusal } = voided
        const isClosedHere = outcome === 'CLOSED_NOW' || outcome === 'ABSENT'
        if (isClosedHere && !owed && refusal) onRefused?.({ orderSn, refusal }, runningWorkflowId())
        if (!voided.order) return voided
        const { order: _, ...withoutOrder } = voided
        const size = encodedBytes(voided)
        if (size > bytesLeft) return withoutOrder
        bytesLeft -= size
        return voided
      })
    },
  }
}

/** Returns the order as the store holds it, small enough for a payload: an older row may hold longer texts than are kept now. */
function answerOf(order: ConfirmedOrder): CreateOrderResult {
  const result = asResult(order)
  return { ...result, lines: fitTexts(result.lines, MAX_RESULT_BYTES) }
}

function keysOf(request: OrderRequest) {
  return { orderSn: orderSnOf(request), fingerprint: fingerprintOf(request) }
}

function numberOf(order: VoidOrder): OrderSn {
  return 'request' in order ? orderSnOf(order.request) : order.orderSn
}

function ifSet(mayCost: number | undefined): { mayCost?: number } {
  return mayCost === undefined ? {} : { mayCost }
}

function first<T>([one]: T[]): T {
  if (one === undefined) throw new TypeError('an answer of the store is missing')
  return one
}

function reused({ requestId }: OrderRequest): Failure {
  return failure('IdempotencyKeyReused', 'this user sent another request under this key', { requestId })
}

/** The answer as long as an operator has not settled what its Sell or Reback came to. */
function doubtOf({ orderSn, status, inDoubt: lines }: StoredOrder): Failure | undefined {
  return lines && inDoubt(orderSn, status === 'IN_DOUBT' ? 'Sell' : 'Reback', lines)
}

function closed(orderSn: string): Failure {
  return failure('OrderClosed', `order ${orderSn} was closed before it was confirmed`, { orderSn })
}
