import type { Activities } from '../contracts/activities.ts'
import type { OrderRequest } from '../contracts/create-order.ts'
import { MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'
import { FAILURES, type Failure, type FieldProblem } from '../contracts/failures.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { isId, isRequestId } from '../contracts/kinds.ts'
import { MAX_GOODS_TEXT_BYTES, MAX_LINES, MAX_SWEPT } from '../contracts/limits.ts'
import { isOrderSn, type OrderLine, type OrderSn } from '../contracts/order.ts'
import { parseOrderRequest } from '../contracts/order-request.ts'
import { forEachStep } from '../contracts/participants/list.ts'
import { areSoundLines } from '../contracts/sound-lines.ts'
import type { Confirmation, Sale, VoidOrder } from '../contracts/steps.ts'
import { storableJson, storableText } from '../contracts/storable.ts'

/** Far above any message of ours: a refusal is never longer. */
const MAX_MESSAGE_LENGTH = 10_000

type Check<Args> = (...args: unknown[]) => Args
type Checks = { [Step in keyof Activities]: Check<Parameters<Activities[Step]>> }

/**
 * Checks of each activity's arguments, as far as nothing else would be safe to store or to send. Our workflows check their own
 * input; but any client may run an activity by itself, and what is stored here is read by every pass over all orders.
 */
const CHECKS: Checks = {
  openOrder: (request) => [requestIn('request', request)],
  getUser: (userId, orderSn) => [idIn('userId', userId), orderSn === undefined ? undefined : orderSnIn('orderSn', orderSn)],
  batchGetGoods: (ids, orderSn) => [
    listIn('ids', ids, MAX_LINES, idIn),
    orderSn === undefined ? undefined : orderSnIn('orderSn', orderSn),
  ],
  confirmOrder: (confirmation) => [confirmationIn('confirmation', confirmation)],
  voidOrder: (order) => [voidIn('order', order)],
  prepareOrders: (requests, isSecondRound) => [
    listIn('requests', requests, MAX_BATCH_ORDERS, requestIn),
    isSecondRound === undefined ? undefined : booleanIn('isSecondRound', isSecondRound),
  ],
  confirmOrders: (confirmations) => [listIn('confirmations', confirmations, MAX_BATCH_ORDERS, confirmationIn)],
  voidOrders: (orders) => [listIn('orders', orders, MAX_BATCH_ORDERS, voidIn)],
  handOverOrders: (requests, budgetEndsAt) => [
    listIn('requests', requests, MAX_BATCH_ORDERS, acceptedRequestIn),
    textIn('budgetEndsAt', budgetEndsAt),
  ],
  findAbandonedOrders: () => [],
  startSettling: (orderSns) => [listIn('orderSns', orderSns, MAX_SWEPT, orderSnIn)],
  closeDue: () => [],
  findReturning: () => [],
  ...forEachStep<Check<[Sale]>, Check<[Sale[]]>>(
    (sale) => [saleIn('sale', sale)],
    (sales) => [listIn('sales', sales, MAX_BATCH_ORDERS, saleIn)],
  ),
}

/** The same activities, each behind the check of its arguments. @throws InvalidInput from each, naming what is wrong */
export function checkArguments(activities: Activities): Activities {
  const checked = Object.entries(activities).map(([name, activity]) => {
    const check = CHECKS[name as keyof Activities] as (...args: unknown[]) => never[]
    return [name, async (...args: unknown[]) => await (activity as (...args: never[]) => unknown)(...check(...args))]
  })
  return Object.fromEntries(checked) as Activities
}

function requestIn(field: string, value: unknown): OrderRequest {
  const { requestId } = recordIn(field, value)
  if (requestId === undefined) throw bad(`${field}.requestId`, 'is missing')
  return parseOrderRequest(value, '')
}

/** One that was accepted once must not fail here, whatever the rules are now: only what names it is checked. */
function acceptedRequestIn(field: string, value: unknown): OrderRequest {
  const request = recordIn(field, value)
  idIn(`${field}.userId`, request.userId)
  if (!isRequestId(request.requestId)) throw bad(`${field}.requestId`, 'must be a request id')
  return value as OrderRequest
}

/** A compensation is checked only for what it would store. */
function voidIn(field: string, value: unknown): VoidOrder {
  const order = recordIn(field, value)
  const refusal = refusalFrom(`${field}.refusal`, order.refusal)
  const isOwn = order.isOwn === undefined ? {} : { isOwn: booleanIn(`${field}.isOwn`, order.isOwn) }
  if (order.request === undefined) return { orderSn: orderSnIn(`${field}.orderSn`, order.orderSn), refusal }
  return { request: acceptedRequestIn(`${field}.request`, order.request), refusal, ...isOwn }
}

function refusalFrom(field: string, value: unknown): Failure {
  const { type, code, message, details } = recordIn(field, value)
  if (typeof type !== 'string' || !Object.hasOwn(FAILURES, type)) throw bad(`${field}.type`, 'must be a failure type')
  if (!Number.isInteger(code) || !isId(code)) throw bad(`${field}.code`, 'must be a code')
  if (typeof message !== 'string') throw bad(`${field}.message`, 'must be a text')
  return {
    type: type as Failure['type'],
    code,
    message: storableText(message, MAX_MESSAGE_LENGTH),
    details: storableJson(details === undefined ? {} : recordIn(`${field}.details`, details)),
  }
}

function saleIn(field: string, value: unknown): Sale {
  const { orderSn, lines } = recordIn(field, value)
  if (!areSoundLines(lines) || lines.length > MAX_LINES)
    throw bad(`${field}.lines`, `must be a list of at most ${MAX_LINES} lines`)
  return { orderSn: orderSnIn(`${field}.orderSn`, orderSn), lines }
}

function confirmationIn(field: string, value: unknown): Confirmation {
  const { orderSn, lines } = saleIn(field, value)
  const priced = lines.map((line, i) => {
    const { name, image, price } = line as Partial<OrderLine>
    const { amount, currency } = recordIn(`${field}.lines[${i}].price`, price)
    if (!Number.isSafeInteger(amount) || (amount as number) < 0) throw bad(`${field}.lines[${i}].price`, 'must be an amount')
    if (typeof name !== 'string' || typeof image !== 'string' || typeof currency !== 'string') {
      throw bad(`${field}.lines[${i}]`, 'must have a name, an image and a currency')
    }
    const texts = { name: storableText(name, MAX_GOODS_TEXT_BYTES), image: storableText(image, MAX_GOODS_TEXT_BYTES) }
    return { goodsId: line.goodsId, num: line.num, ...texts, price: { amount: amount as number, currency } }
  })
  return { orderSn, lines: priced }
}

function listIn<T>(field: string, value: unknown, atMost: number, item: (field: string, value: unknown) => T): T[] {
  if (!Array.isArray(value) || value.length > atMost) throw bad(field, `must be a list of at most ${atMost}`)
  return value.map((one, i) => item(`${field}[${i}]`, one))
}

function recordIn(field: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(field, 'must be an object')
  return value as Record<string, unknown>
}

function textIn(field: string, value: unknown): string {
  if (typeof value !== 'string') throw bad(field, 'must be a text')
  return value
}

function booleanIn(field: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw bad(field, 'must be true or false')
  return value
}

function idIn(field: string, value: unknown): number {
  if (!isId(value)) throw bad(field, 'must be an id')
  return value
}

function orderSnIn(field: string, value: unknown): OrderSn {
  if (!isOrderSn(value)) throw bad(field, 'must be an order number, 16 of A-Z and 2-7')
  return value
}

function bad(field: string, problem: FieldProblem['problem']) {
  return invalidInput([{ field, problem }])
}
