import type { CreateOrderInput } from '../contracts/create-order.ts'

/** The one goods that the stub inventory has none of; orders meet it only if they are meant to be refused. */
export const SOLD_OUT_GOODS = 1_001
/** Goods that the stub services know, the sold-out one among them: an order may have 1,000 lines. */
export const STUB_GOODS = 1_001

/**
 * The order of one user, spread over the goods so that no two neighbours are alike.
 * @param lines how many distinct goods, at most 1,000
 */
export function orderBody(userId: number, { lines, soldOut }: { lines: number; soldOut: boolean }): CreateOrderInput {
  const available = STUB_GOODS - 1
  // 31 shares no factor with 1,000: all of them differ.
  const goodsIds = Array.from({ length: lines }, (_, i) => 1 + ((userId * 7 + i * 31) % available))
  if (soldOut) goodsIds[0] = SOLD_OUT_GOODS
  return {
    userId,
    address: 'No. 1 Bench Road, Testing District',
    name: 'Li Lei',
    mobile: '13800000000',
    lines: goodsIds.map((goodsId) => ({ goodsId, num: 1 })),
  }
}
