import { MAX_QUANTITY } from './limits.ts'
import type { Money } from './money.ts'

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

/** Those of an order that was confirmed and is not closed: what it sold is its own. */
export const STANDING_STATUSES = ['WAIT_BUYER_PAY', 'PAYING', 'TRADE_SUCCESS', 'TRADE_FINISHED'] as const satisfies OrderStatus[]

/**
 * What an order holds of the stock, as far as the store knows.
 * - `none`: no Sell of this order was sent
 * - `selling`: from here on a Sell may have been sent
 * - `sold`: the order is confirmed and its stock is its own; or, where the inventory is unkeyed, its Sell was answered
 * - `returning`: closed, and a Reback is owed
 * - `returned`: closed, and the inventory acknowledged the Reback
 * - `in_doubt`: an operator has to find out
 */
export const STOCK_STATES = ['none', 'selling', 'sold', 'returning', 'returned', 'in_doubt'] as const
export type StockState = (typeof STOCK_STATES)[number]

/** One goods and how many pieces of it: what is asked for. */
export interface Line {
  goodsId: number
  num: number
}

/** Whether it can be the quantity of a line. */
export function isQuantity(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_QUANTITY
}

/** A line as it was sold: name, image and price are those of the moment of the order. */
export interface OrderLine extends Line {
  name: string
  image: string
  /** Of one piece. */
  price: Money
}

/** Whether it can be an order's number at all (order-sn.ts makes them, and can't be had in workflows). */
export function isOrderSn(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Z2-7]{16}$/.test(value)
}

/** Equal goods merged, in goods-id order: the one order in which every party takes them. */
export function mergeLines(lines: readonly Line[]): Line[] {
  const byGoods = new Map<number, number>()
  for (const { goodsId, num } of lines) byGoods.set(goodsId, (byGoods.get(goodsId) ?? 0) + num)
  return [...byGoods].map(([goodsId, num]) => ({ goodsId, num })).sort((a, b) => a.goodsId - b.goodsId)
}
