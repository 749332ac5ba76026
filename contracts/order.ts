import { anyText, ID, oneOf, QUANTITY } from './kinds.ts'
import { MONEY } from './money.ts'
import { body, type Schema, type TypeOf } from './schema.ts'

/** CREATING is the intent: it locks its user out until it is PAYING or TRADE_CLOSED. */
export const ORDER_STATUSES = [
  'CREATING',
  'WAIT_BUYER_PAY',
  'PAYING',
  'TRADE_SUCCESS',
  'TRADE_FINISHED',
  'TRADE_CLOSED',
  'IN_DOUBT',
] as const
export type OrderStatus = (typeof ORDER_STATUSES)[number]
export const STATUS = oneOf(ORDER_STATUSES, 'CREATING until it is PAYING or TRADE_CLOSED; IN_DOUBT: an operator settles it.')

/** The statuses of an order that was confirmed and is not closed: what it sold is its own. */
export const STANDING_STATUSES = ['WAIT_BUYER_PAY', 'PAYING', 'TRADE_SUCCESS', 'TRADE_FINISHED'] as const satisfies OrderStatus[]

/** The statuses of an order that waits for its payment. */
export const UNPAID_STATUSES: readonly OrderStatus[] = ['WAIT_BUYER_PAY', 'PAYING']

/**
 * Reason for which an order is closed.
 * - `refused`: before it was confirmed; its refusal says more
 * - `cancelled`: by its buyer, or an operator
 * - `expired`: nobody had paid it by its deadline
 * - `deleted`: its buyer deleted it before paying
 */
export const CLOSED_FOR = ['refused', 'cancelled', 'expired', 'deleted'] as const
export type ClosedFor = (typeof CLOSED_FOR)[number]

/**
 * Stock that an order holds, as far as the store knows.
 * - `none`: no Sell of this order was sent
 * - `selling`: from here on a Sell may have been sent
 * - `sold`: the order is confirmed and its stock is its own; or, if the inventory is unkeyed, its Sell was answered
 * - `returning`: closed, and a Reback is owed
 * - `returned`: closed, and the inventory acknowledged the Reback
 * - `in_doubt`: an operator has to find out
 */
export const STOCK_STATES = ['none', 'selling', 'sold', 'returning', 'returned', 'in_doubt'] as const
export type StockState = (typeof STOCK_STATES)[number]

export const STOCK_STATE = oneOf(
  STOCK_STATES,
  'What it holds of the stock, as far as the store knows; returning: it is being given back.',
)

/** One goods and how many pieces of it: what is asked for. */
export const LINE = body('Line', { goodsId: ID, num: QUANTITY }, {}, 'must be an object {goodsId, num}')
export type Line = TypeOf<typeof LINE>

/** A line as it was sold: name, image and price are those of the moment of the order. */
export const ORDER_LINE = body(
  'OrderLine',
  {
    goodsId: ID,
    name: anyText(),
    image: anyText(),
    /** Price of one piece. */
    price: MONEY,
    num: QUANTITY,
  },
  { description: 'As it was sold: name, image and the price of one piece are those of the moment of the order.' },
)
export type OrderLine = TypeOf<typeof ORDER_LINE>

declare const CHECKED: unique symbol

/**
 * The number of an order: a text that `parseOrderSn` has checked, or orderSnOf (order-sn.ts) has derived. A text that may be something
 * else, the empty one above all, is no OrderSn: under the empty number the inventory sells as often as it is asked to.
 */
export type OrderSn = string & { readonly [CHECKED]: true }

/** Reports whether a text can be an order's number at all. */
export function isOrderSn(value: unknown): value is OrderSn {
  return typeof value === 'string' && /^[A-Z2-7]{16}$/.test(value)
}

/** Returns the number in a text that has to be one. @throws Error naming what it is instead */
export function parseOrderSn(value: unknown): OrderSn {
  if (isOrderSn(value)) return value
  const seen = typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : String(value)
  throw new Error(`${seen} is no order number, which is 16 of A-Z and 2-7`)
}

/** The number of an order. */
export const ORDER_SN: Schema<string> = {
  json: { type: 'string', pattern: '^[A-Z2-7]{16}$', examples: ['MFRGGZDFMZTWQ2LK'] },
  read(value, path, problems) {
    if (!isOrderSn(value)) problems.add(path, 'must be an order number, 16 of A-Z and 2-7')
    return value as string
  },
}

/** Equal goods merged, in goods-id order: the one order in which every party takes them. */
export function mergeLines(lines: readonly Line[]): Line[] {
  const byGoods = new Map<number, number>()
  for (const { goodsId, num } of lines) byGoods.set(goodsId, (byGoods.get(goodsId) ?? 0) + num)
  return [...byGoods].map(([goodsId, num]) => ({ goodsId, num })).sort((a, b) => a.goodsId - b.goodsId)
}
