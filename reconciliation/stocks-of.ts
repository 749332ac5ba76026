import type { ReconciliationDeps } from './deps.ts'

/** GetInventory calls at the same time. */
const AT_ONCE = 16

/** Stock of each of these goods; `failed`: those about which the inventory could not be asked, each with its error. */
export async function stocksOf(
  { stockOf, beat }: Pick<ReconciliationDeps, 'stockOf' | 'beat'>,
  goodsIds: readonly number[],
): Promise<{ stocks: Map<number, number>; failed: Map<number, unknown> }> {
  const stocks = new Map<number, number>()
  const failed = new Map<number, unknown>()
  for (let from = 0; from < goodsIds.length; from += AT_ONCE) {
    beat?.()
    await Promise.all(
      goodsIds.slice(from, from + AT_ONCE).map((goodsId) =>
        stockOf(goodsId).then(
          (stock) => stocks.set(goodsId, stock),
          (error: unknown) => failed.set(goodsId, error),
        ),
      ),
    )
  }
  return { stocks, failed }
}
