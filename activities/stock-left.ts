import { setTimeout as sleep } from 'node:timers/promises'
import type { GoodsSnapshot } from '../contracts/steps.ts'
import type { Deps } from './deps.ts'
import { timeLeft } from './time-left.ts'

/** Goods asked for at most: each is a call, and beside them others sell. A refusal that names fewer is true all the same. */
const ASKED = 20
/** Milliseconds for all of them: nobody's order waits longer to be refused. */
const PATIENCE_MS = 200

/** Reports whether an order can have these goods, as far as the goods service knows. */
export function canBeSold(goods: GoodsSnapshot | undefined): boolean {
  return goods?.onSale === true && goods.price !== undefined
}

/**
 * The goods, with what is `left` of those of these ids that can be sold. For orders that are refused anyway: their refusal then names
 * what is short beside what is missing. A stock that isn't answered quickly stays unknown.
 */
export async function withStockLeft(
  { inventory }: Pick<Deps, 'inventory'>,
  goods: GoodsSnapshot[],
  goodsIds: readonly number[],
): Promise<GoodsSnapshot[]> {
  if (!inventory.getStock) return goods
  const stockOf = inventory.getStock.bind(inventory)
  const wanted = new Set(goodsIds)
  const asked = goods.filter((one) => wanted.has(one.goodsId) && canBeSold(one)).slice(0, ASKED)
  const left = new Map<number, number>()
  const answers = asked.map(async ({ goodsId }) => {
    left.set(goodsId, await stockOf(goodsId, timeLeft(PATIENCE_MS)))
  })
  await Promise.race([Promise.allSettled(answers), sleep(PATIENCE_MS, undefined, { ref: false })])
  return goods.map((one) => {
    const pieces = left.get(one.goodsId)
    return pieces === undefined ? one : { ...one, left: pieces }
  })
}
