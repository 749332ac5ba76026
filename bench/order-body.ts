import type { CreateOrderInput } from '../contracts/create-order.ts'

/** The one goods that the stub inventory has none of; orders meet it only if they are meant to be refused. */
export const SOLD_OUT_GOODS = 1_001
/** Goods that the stub services know, the sold-out one among them: an order may have 1,000 lines. */
export const STUB_GOODS = 1_001

/** Goods among which orders meet each other, as the original was observed: out of 200. */
const POPULAR_GOODS = 200

/**
 * Choice of an order's goods.
 * - `apart`: so that no two neighbours are alike
 * - `met`: some of 200, drawn at random, so that orders meet each other at them
 * - `hot`: every order asks for the same goods
 */
export type Choice = 'apart' | 'met' | 'hot'

/**
 * The order of one user.
 * @param lines how many distinct goods, at most 1,000; 200 if they are drawn
 */
export function orderBody(
  userId: number,
  { lines, soldOut, choice }: { lines: number; soldOut: boolean; choice: Choice },
): CreateOrderInput {
  const goodsIds = CHOOSE[choice](lines, userId)
  if (soldOut) goodsIds[0] = SOLD_OUT_GOODS
  return { ...cartOrder(userId), lines: goodsIds.map((goodsId) => ({ goodsId, num: 1 })) }
}

/** The order of what is in a user's cart. */
export function cartOrder(userId: number) {
  return { userId, address: 'No. 1 Bench Road, Testing District', name: 'Li Lei', mobile: '13800000000' }
}

const CHOOSE: Record<Choice, (lines: number, userId: number) => number[]> = {
  // 31 shares no factor with 1,000: all of them differ.
  apart: (lines, userId) => Array.from({ length: lines }, (_, i) => 1 + ((userId * 7 + i * 31) % (STUB_GOODS - 1))),
  met: (lines) => drawn(lines),
  hot: (lines) => Array.from({ length: lines }, (_, i) => 1 + i),
}

function drawn(lines: number): number[] {
  const goodsIds = new Set<number>()
  while (goodsIds.size < Math.min(lines, POPULAR_GOODS)) goodsIds.add(1 + Math.floor(Math.random() * POPULAR_GOODS))
  return [...goodsIds]
}
