import type { GoodsPieces } from '../store/reconciliation-store.ts'
import type { ReconciliationDeps } from './deps.ts'
import { stocksOf } from './stocks-of.ts'

/** Stock and baseline of one goods. */
export interface Balance {
  goodsId: number
  stock: number
  baseline: number
  /** Pieces that are there and should not be; below 0: that are missing. What open orders may hold explains itself. */
  drift: number
}

type BalanceDeps = Pick<ReconciliationDeps, 'store' | 'stockOf' | 'beat'>

/** Looks that have to agree: an order that began and ended between two readings of the store was seen by neither. */
const LOOKS = 3

/**
 * Holds every goods of the baseline against it: stock and sold pieces together never change by orders.
 * @param corrections by goods id: pieces that the inventory is known to hold as sold beyond what the orders say
 * @returns in goods-id order; nothing if no baseline was taken. `unaskable`: goods of which the inventory could not say the stock,
 *   each with its error
 * @throws that error, if it is so for all of them
 */
export async function balanceStock(
  deps: BalanceDeps,
  corrections: ReadonlyMap<number, number>,
): Promise<{ balances: Balance[]; unaskable: Map<number, unknown> }> {
  const balances = new Map<number, Balance>()
  const unaskable = new Map<number, unknown>()
  const baselines = await deps.store.baselines()
  let suspects = [...baselines.keys()]
  for (let look = 1; look <= LOOKS && suspects.length > 0; look++) {
    const { looked, failed } = await lookAt(deps, suspects)
    for (const [goodsId, error] of failed) unaskable.set(goodsId, error)
    for (const { goodsId, stock, least, most } of looked) {
      const baseline = baselines.get(goodsId) ?? 0
      const beyond = stock + (corrections.get(goodsId) ?? 0) - baseline
      const drift = Math.max(beyond + least, 0) + Math.min(beyond + most, 0)
      balances.set(goodsId, { goodsId, stock, baseline, drift })
    }
    suspects = suspects.filter((goodsId) => !unaskable.has(goodsId) && balances.get(goodsId)?.drift !== 0)
  }
  const known = [...balances.values()].filter(({ goodsId }) => !unaskable.has(goodsId))
  return { balances: known.sort((a, b) => a.goodsId - b.goodsId), unaskable }
}

/**
 * Computes the baseline of these goods, and of those that any order ever named.
 * @returns in goods-id order; those that open orders may hold, that changed from look to look, or that could not be asked about, are
 *   `moving`
 */
export async function readBaseline(
  deps: BalanceDeps,
  goodsIds: readonly number[],
): Promise<{ baselines: { goodsId: number; pieces: number }[]; moving: number[] }> {
  const named = await deps.store.piecesByGoods()
  const wanted = [...new Set([...named.keys(), ...goodsIds])].sort((a, b) => a - b)
  const sums = new Map(wanted.map((goodsId) => [goodsId, new Set<number>()]))
  for (let look = 1; look <= LOOKS; look++) {
    const { looked, failed } = await lookAt(deps, wanted)
    for (const goodsId of failed.keys()) sums.delete(goodsId)
    for (const { goodsId, stock, least, most } of looked) {
      for (const taken of [least, most]) sums.get(goodsId)?.add(stock + taken)
    }
  }
  const baselines = [...sums].flatMap(([goodsId, [pieces = 0, ...others]]) => (others.length === 0 ? [{ goodsId, pieces }] : []))
  return { baselines, moving: wanted.filter((goodsId) => sums.get(goodsId)?.size !== 1) }
}

/**
 * Stock of each of these goods, with the fewest and most pieces that orders may have taken at any moment around that reading.
 * @throws the inventory's error, if it could not be asked about any of them
 */
async function lookAt(deps: BalanceDeps, goodsIds: readonly number[]) {
  const { store, beat } = deps
  beat?.()
  const before = await store.piecesByGoods()
  const { stocks, failed } = await stocksOf(deps, goodsIds)
  const [first] = failed.values()
  if (first !== undefined && stocks.size === 0) throw first
  beat?.()
  const after = await store.piecesByGoods()
  const looked = [...stocks].map(([goodsId, stock]) => {
    const [least, most] = range(before.get(goodsId), after.get(goodsId))
    return { goodsId, stock, least, most }
  })
  return { looked, failed }
}

/** Fewest and most pieces that orders may have taken at any moment between two readings. */
function range(before?: GoodsPieces, after?: GoodsPieces): [least: number, most: number] {
  const readings = [before, after].map((reading) => reading ?? { sold: 0, open: 0 })
  return [Math.min(...readings.map(({ sold }) => sold)), Math.max(...readings.map(({ sold, open }) => sold + open))]
}
