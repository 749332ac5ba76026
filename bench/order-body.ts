import type { CreateOrderInput } from '../contracts/create-order.ts'

/** Goods 1 to 1,000 exist in the stub services: as many as one order may have lines. */
export const STUB_GOODS = 1_000
/** The one goods that the stub inventory has none of; orders meet it only where they are meant to be refused. */
export const SOLD_OUT_GOODS = STUB_GOODS

/**
 * The order of one user, spread over the goods so that no two neighbours are alike.
 * @param lines how many distinct goods, at most 1,000
 */
export function orderBody(userId: number, { lines, soldOut }: { lines: number; soldOut: boolean }): CreateOrderInput {
  const available = STUB_GOODS - 1
  const goodsIds = Array.from({ length: Math.min(lines, available) }, (_, i) => 1 + ((userId * 7 + i * 31) % available))
  if (soldOut) goodsIds[0] = SOLD_OUT_GOODS
  return {
    userId,
    address: 'No. 1 Bench Road, Testing District',
    name: 'Li Lei',
    mobile: '13800000000',
    lines: goodsIds.map((goodsId) => ({ goodsId, num: 1 })),
  }
}
