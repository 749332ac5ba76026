import { isId, isQuantity } from '../contracts/kinds.ts'
import {
  MAX_ADDRESS_LENGTH,
  MAX_GOODS_TEXT_BYTES,
  MAX_LINES,
  MAX_MOBILE_LENGTH,
  MAX_NAME_LENGTH,
  MAX_PAYMENT_ID_LENGTH,
  MAX_POST_LENGTH,
  MAX_PROVIDER_LENGTH,
} from '../contracts/limits.ts'
import { minorUnitsOf } from '../contracts/money.ts'
import type { OrderStatus } from '../contracts/order.ts'
import { orderSnOf } from '../contracts/order-sn.ts'
import type { ImportedLine, ImportedOrder } from '../store/imported/imported-order.ts'
import type { RuleName } from './rules.ts'
import type { SourceLine, SourceOrder } from './source-rows.ts'

/** Numbers that several orders of the source have. */
export interface SharedNumbers {
  /** True if other orders have the same order_sn. */
  isNumberShared(orderSn: string): boolean
  /** Id of the order to which a trade_no is left that several have. */
  ownerOfTradeNo(tradeNo: string): number | undefined
}

/** Result for one order of the source: a row of ours, or the rule by which it is left out; and the rules that it met otherwise. */
export type TakenOrder = { kind: 'taken'; order: ImportedOrder; rules: Set<RuleName> } | Refused

interface Refused {
  kind: 'refused'
  by: RuleName
}

const STATUSES: readonly (string | null)[] = ['WAIT_BUYER_PAY', 'PAYING', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED']
const PAID: readonly OrderStatus[] = ['TRADE_SUCCESS', 'TRADE_FINISHED']
const BEYOND = 2 ** 53

/**
 * Makes an order of the source a row of ours.
 * @param lines its lines that are not deleted, in the order of their ids
 * @param digits decimals of the currency's minor unit
 */
export function takeOrder(source: SourceOrder, lines: readonly SourceLine[], digits: number, shared: SharedNumbers): TakenOrder {
  const rules = new Set<RuleName>()
  const { id, user: userId } = source
  if (!isId(id)) return refused('bad-id')
  if (!isId(userId)) return refused('bad-user')
  if (!STATUSES.includes(source.status)) return refused('unknown-status')
  const createdAt = source.createdAt ?? source.updatedAt ?? source.payTime
  if (createdAt === null) return refused('no-time')
  if (source.createdAt === null) rules.add('time-of-another')
  const taken = takeLines(lines, digits, rules)
  if (taken.kind === 'refused') return taken
  const total = totalOf(source.total, taken, lines.length, digits, rules)
  if (total === undefined) return refused('bad-total')

  const requestId = `joyshop_order/order_info/${id}`
  const importedSn = text(source.orderSn, 64, rules) ?? ''
  if (importedSn === '') rules.add('number-empty')
  else if (shared.isNumberShared(source.orderSn ?? '')) rules.add('number-shared')
  const updatedAt = source.updatedAt ?? createdAt
  const payType = text(source.payType, MAX_PROVIDER_LENGTH, rules) || 'alipay'
  return {
    kind: 'taken',
    rules,
    order: {
      ...{ id, orderSn: orderSnOf({ userId, requestId }), userId, requestId, importedSn, payType, total, createdAt, updatedAt },
      lines: taken.lines,
      address: text(source.address, MAX_ADDRESS_LENGTH, rules),
      name: text(source.name, MAX_NAME_LENGTH, rules),
      mobile: text(source.mobile, MAX_MOBILE_LENGTH, rules),
      post: text(source.post, MAX_POST_LENGTH, rules),
      ...(source.payDeadline !== null && { payDeadline: source.payDeadline }),
      ...standing(source, updatedAt, rules),
      ...payment(source, shared, rules),
    },
  }
}

function refused(by: RuleName): Refused {
  return { kind: 'refused', by }
}

/** Returns where the order stands: its status, its stock, the moments of its moves. */
function standing(
  { status, deletedAt, payTime }: SourceOrder,
  updatedAt: string,
  rules: Set<RuleName>,
): Pick<ImportedOrder, 'status' | 'stockState'> & Partial<ImportedOrder> {
  if (deletedAt !== null) rules.add('deleted')
  const hidden = deletedAt !== null ? { deletedAt } : {}
  const closed = { status: 'TRADE_CLOSED', closedAt: deletedAt ?? updatedAt } as const
  switch (status) {
    case 'WAIT_BUYER_PAY':
      rules.add('wait-buyer-pay')
      return { ...hidden, ...closed, stockState: 'none', closedFor: 'expired' }
    case 'PAYING':
      if (deletedAt === null) return { status, stockState: 'sold' }
      return { ...hidden, ...closed, stockState: 'sold', closedFor: 'deleted' }
    case 'TRADE_CLOSED':
      return { ...hidden, status, closedAt: updatedAt, stockState: 'sold', closedFor: 'cancelled' }
    default: {
      if (payTime === null) rules.add('pay-time-missing')
      const paid = { ...hidden, stockState: 'sold', paidAt: payTime ?? updatedAt } as const
      return status === 'TRADE_FINISHED' ? { ...paid, status, finishedAt: updatedAt } : { ...paid, status: 'TRADE_SUCCESS' }
    }
  }
}

/** Number of the payment of a paid order. */
function payment(
  { id, status, tradeNo }: SourceOrder,
  shared: SharedNumbers,
  rules: Set<RuleName>,
): Pick<ImportedOrder, 'paymentId'> {
  const number = tradeNo?.trim() === '' ? '' : (tradeNo ?? '')
  if (!PAID.includes(status as OrderStatus)) {
    if (number !== '') rules.add('trade-no-unpaid')
    return {}
  }
  const owner = shared.ownerOfTradeNo(number)
  if (number !== '' && (owner === undefined || owner === id))
    return { paymentId: text(number, MAX_PAYMENT_ID_LENGTH, rules) ?? '' }
  if (number !== '') rules.add('trade-no-shared')
  return { paymentId: `order-${id}` }
}

interface TakenLines {
  kind: 'taken'
  lines: ImportedLine[]
  /** Minor units; absent if a price is no single amount. */
  sum?: number
}

function takeLines(source: readonly SourceLine[], digits: number, rules: Set<RuleName>): TakenLines | Refused {
  if (source.length === 0) return refused('no-lines')
  const byGoods = new Map<number, ImportedLine>()
  let sum: number | undefined = 0
  for (const { id, goods, name, image, price: float, nums } of source) {
    if (!isId(goods) || !isId(id)) return refused('bad-goods')
    if (!isQuantity(nums)) return refused('bad-quantity')
    const exact = float === null ? undefined : minorUnitsOf(float, digits)
    const price = exact ?? nearest(float, digits)
    if (price === undefined) return refused('bad-price')
    if (exact === undefined) rules.add('price-rounded')
    sum = sum === undefined || exact === undefined ? undefined : sum + exact * nums
    const first = byGoods.get(goods)
    if (!first) {
      byGoods.set(goods, { id, goodsId: goods, name: goodsName(name, rules), image: imageOf(image, rules), price, num: nums })
      continue
    }
    rules.add('lines-merged')
    if (first.price !== price) rules.add('prices-merged')
    first.num += nums
    if (!isQuantity(first.num)) return refused('bad-quantity')
  }
  if (byGoods.size > MAX_LINES) return refused('too-many-lines')
  const lines = [...byGoods.values()].sort((a, b) => a.goodsId - b.goodsId)
  return { kind: 'taken', lines, ...(sum !== undefined && Number.isSafeInteger(sum) && { sum }) }
}

/**
 * The total in minor units. The original adds floats up: its total lies beside the sum of its lines by what float32 loses, in each product and
 * each addition. So near, it is that sum.
 */
function totalOf(
  float: number | null,
  { sum }: TakenLines,
  lines: number,
  digits: number,
  rules: Set<RuleName>,
): number | undefined {
  const amount = nearest(float, digits)
  if (float === null || amount === undefined) return undefined
  const lost = (2 * lines + 2) * float * 2 ** -23
  if (sum !== undefined && Math.abs(sum / 10 ** digits - float) <= lost) return sum
  if (sum !== undefined || minorUnitsOf(float, digits) === undefined) rules.add('total-other')
  return amount
}

function nearest(float: number | null, digits: number): number | undefined {
  if (float === null || !(float >= 0)) return undefined
  const amount = Math.round(float * 10 ** digits)
  return amount < BEYOND ? Math.abs(amount) : undefined
}

function text(given: string | null, atMost: number, rules: Set<RuleName>): string | null {
  if (given === null) return null
  const clean = cleaned(given, rules)
  const characters = clean.length <= atMost ? undefined : [...clean]
  if (!characters || characters.length <= atMost) return clean
  rules.add('text-cut')
  return characters.slice(0, atMost).join('')
}

function cleaned(given: string, rules: Set<RuleName>): string {
  if (!given.includes('\0')) return given
  rules.add('text-cleaned')
  return given.replaceAll('\0', '')
}

function goodsName(given: string | null, rules: Set<RuleName>): string {
  const clean = cleaned(given ?? '', rules)
  if (Buffer.byteLength(clean) <= MAX_GOODS_TEXT_BYTES) return clean
  // A character takes four bytes at most.
  return text(clean, MAX_GOODS_TEXT_BYTES / 4, rules) ?? ''
}

/** A part of an address would be another one. */
function imageOf(given: string | null, rules: Set<RuleName>): string {
  const clean = cleaned(given ?? '', rules)
  if (Buffer.byteLength(clean) <= MAX_GOODS_TEXT_BYTES) return clean
  rules.add('text-cut')
  return ''
}
