import type { GoodsPieces } from '../store/reconciliation-store.ts'
import type { ReconciliationParts } from './parts.ts'

/** Stock and baseline of one goods. */
export interface Balance {
  goodsId: number
  stock: number
  baseline: number
  /** Pieces that are there and should not be; below 0: that are missing. What open orders may hold explains itself. */
  drift: number
}

/** Looks that have to agree: an order that began and ended between two readings of the store was seen by neither. */
const LOOKS = 3
/** GetInventory calls at the same time. */
const AT_ONCE = 16

/**
 * Holds every goods of the baseline against it: stock and sold pieces together never change by orders.
 * @param corrections by goods id: pieces that the inventory is known to hold as sold beyond what the orders say
 * @returns in goods-id order; nothing where no baseline was taken
 */
export async function balanceStock(
  parts: Pick<ReconciliationParts, 'store' | 'stockOf'>,
  corrections: ReadonlyMap<number, number>,
): Promise<Balance[]> {
  const balances = new Map<number, Balance>()
  let suspects = await parts.store.baselines()
  for (let look = 1; look <= LOOKS && suspects.size > 0; look++) {
    const before = await parts.store.piecesByGoods()
    const stocks = await stocksOf(parts, [...suspects.keys()])
    const after = await parts.store.piecesByGoods()
    for (const [goodsId, baseline] of suspects) {
      const stock = stocks.get(goodsId) ?? 0
      const beyond = stock + (corrections.get(goodsId) ?? 0) - baseline
      const [least, most] = range(before.get(goodsId), after.get(goodsId))
      const drift = Math.max(beyond + least, 0) + Math.min(beyond + most, 0)
      balances.set(goodsId, { goodsId, stock, baseline, drift })
    }
    suspects = new Map([...suspects].filter(([goodsId]) => balances.get(goodsId)?.drift !== 0))
  }
  return [...balances.values()].sort((a, b) => a.goodsId - b.goodsId)
}

/**
 * What the baseline of these goods would be.
 * @returns by goods id; those that open orders may hold at this moment, or that changed meanwhile, are `moving`
 */
export async function readBaseline(
  parts: Pick<ReconciliationParts, 'store' | 'stockOf'>,
  goodsIds: readonly number[],
): Promise<{ baselines: { goodsId: number; pieces: number }[]; moving: number[] }> {
  const before = await parts.store.piecesByGoods()
  const wanted = [...new Set([...before.keys(), ...goodsIds])].sort((a, b) => a - b)
  const stocks = await stocksOf(parts, wanted)
  const after = await parts.store.piecesByGoods()
  const baselines: { goodsId: number; pieces: number }[] = []
  const moving: number[] = []
  for (const goodsId of wanted) {
    const [least, most] = range(before.get(goodsId), after.get(goodsId))
    if (least === most) baselines.push({ goodsId, pieces: (stocks.get(goodsId) ?? 0) + least })
    else moving.push(goodsId)
  }
  return { baselines, moving }
}

/** Fewest and most pieces that orders may have taken at any moment between two readings. */
function range(before?: GoodsPieces, after?: GoodsPieces): [least: number, most: number] {
  const readings = [before, after].map((reading) => reading ?? { sold: 0, open: 0 })
  return [Math.min(...readings.map(({ sold }) => sold)), Math.max(...readings.map(({ sold, open }) => sold + open))]
}

async function stocksOf({ stockOf }: Pick<ReconciliationParts, 'stockOf'>, goodsIds: readonly number[]) {
  const stocks = new Map<number, number>()
  for (let from = 0; from < goodsIds.length; from += AT_ONCE) {
    const batch = goodsIds.slice(from, from + AT_ONCE)
    const nums = await Promise.all(batch.map((goodsId) => stockOf(goodsId)))
    for (const [i, goodsId] of batch.entries()) stocks.set(goodsId, nums[i] ?? 0)
  }
  return stocks
}
