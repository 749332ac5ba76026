import { MAX_BATCH_SIZE } from '../contracts/limits.ts'
import { type Money, minorUnitsOf } from '../contracts/money.ts'
import type { Deps } from './deps.ts'
import { failureOfCall } from './status-table.ts'

/** What an order needs to know of one goods. */
export interface GoodsSnapshot {
  goodsId: number
  name: string
  image: string
  onSale: boolean
  /** Absent where the service's float is not exactly one amount. */
  price?: Money
}

export function goodsActivities({ goods, currency, onBatch }: Pick<Deps, 'goods' | 'currency' | 'onBatch'>) {
  return {
    /**
     * Goods by id, in id order; those that do not exist are absent. Ids are deduplicated and asked for in parallel calls of
     * at most 100 (seed: MaxBatchSize).
     */
    async batchGetGoods(ids: number[]): Promise<GoodsSnapshot[]> {
      const batches = splitIntoBatches([...new Set(ids)])
      for (const { length } of batches) onBatch?.('goods', 'BatchGetGoods', length)
      const answers = await Promise.all(batches.map((batch) => goods.batchGetGoods(batch))).catch((error: unknown) => {
        throw failureOfCall('goods/BatchGetGoods', error)
      })
      return answers
        .flat()
        .map(({ id, name, goodsFrontImage, onSale, shopPrice }) => {
          const amount = minorUnitsOf(shopPrice)
          return {
            goodsId: id,
            name,
            image: goodsFrontImage,
            onSale,
            ...(amount !== undefined && { price: { amount, currency } }),
          }
        })
        .sort((a, b) => a.goodsId - b.goodsId)
    },
  }
}

function splitIntoBatches(ids: number[]): number[][] {
  return Array.from({ length: Math.ceil(ids.length / MAX_BATCH_SIZE) }, (_, i) =>
    ids.slice(i * MAX_BATCH_SIZE, (i + 1) * MAX_BATCH_SIZE),
  )
}
