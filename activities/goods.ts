import { MAX_BATCH_BYTES } from '../contracts/create-orders.ts'
import { minorDigitsOf } from '../contracts/currency.ts'
import { fitTexts } from '../contracts/fit-texts.ts'
import { MAX_BATCH_SIZE, MAX_GOODS_TEXT_BYTES, MAX_RESULT_BYTES } from '../contracts/limits.ts'
import { minorUnitsOf } from '../contracts/money.ts'
import type { GoodsOfBatch, GoodsSnapshot } from '../contracts/steps.ts'
import { attempt } from './attempt.ts'
import type { Deps } from './deps.ts'
import { failureOfCall } from './failure-of-call.ts'
import { LanePace } from './lane-pace.ts'
import { canBeSold, withStockLeft } from './stock-left.ts'
import { timeLeft } from './time-left.ts'

export function goodsActivities({
  goods,
  inventory,
  currency,
  freeGoods = false,
  onBatch,
  lanePace = new LanePace(),
}: Pick<Deps, 'goods' | 'currency' | 'freeGoods' | 'onBatch' | 'lanePace'> & Partial<Pick<Deps, 'inventory'>>) {
  const digits = digitsOf(currency)

  /** One call. */
  async function fetchGoods(ids: number[], atMostMs?: number): Promise<GoodsSnapshot[]> {
    onBatch?.('goods', 'BatchGetGoods', ids.length)
    const answer = await goods.batchGetGoods(ids, timeLeft(atMostMs)).catch((error: unknown) => {
      throw failureOfCall('goods/BatchGetGoods', error)
    })
    // Each that was asked for, once: what a service answers beside them has no bound.
    const byId = new Map(answer.map((one) => [one.id, one]))
    const asked = ids.flatMap((id) => byId.get(id) ?? [])
    return asked.map(({ id, name, goodsFrontImage, onSale, shopPrice }) => {
      const amount = minorUnitsOf(shopPrice, digits)
      const free = amount === 0
      const isSold = amount !== undefined && (!free || freeGoods)
      // Neither decides anything: no order fails for them. Of an address a part would be another.
      const image = Buffer.byteLength(goodsFrontImage) > MAX_GOODS_TEXT_BYTES ? '' : withoutControls(goodsFrontImage)
      const known = { goodsId: id, name: cut(withoutControls(name)), image, onSale, ...(free && { free }) }
      return isSold ? { ...known, price: { amount, currency } } : known
    })
  }

  return {
    /**
     * Goods by id, in id order; those that do not exist are absent. Ids are deduplicated and asked for in parallel calls of
     * at most 100 (docs/origin.md). If some of them can't be sold, what is left of the others is reported as well.
     * @param _orderSn the order asked for: log and traces show it (log-steps.ts)
     */
    async batchGetGoods(ids: number[], _orderSn?: string): Promise<GoodsSnapshot[]> {
      const answers = await Promise.all(splitIntoBatches(ids).map((batch) => fetchGoods(batch)))
      const all = answers.flat().sort((a, b) => a.goodsId - b.goodsId)
      const found = fitTexts(all, MAX_RESULT_BYTES)
      const allCanBeSold = found.length === new Set(ids).size && found.every(canBeSold)
      return inventory && !allCanBeSold ? await withStockLeft({ inventory }, found, ids) : found
    },

    /** One quick attempt at the goods of a batch of orders; a call that fails spoils no other. */
    async getGoodsOfBatch(ids: number[]): Promise<GoodsOfBatch> {
      const answers = await Promise.all(
        splitIntoBatches(ids).map(async (batch) => ({ batch, answer: await attempt(lanePace, (ms) => fetchGoods(batch, ms)) })),
      )
      return {
        goods: fitTexts(
          answers.flatMap(({ answer }) => ('done' in answer ? answer.done : [])),
          MAX_BATCH_BYTES.goods,
        ),
        unknown: answers.flatMap(({ batch, answer }) => ('done' in answer ? [] : batch)),
      }
    },
  }
}

function digitsOf(currency: string): number {
  const digits = minorDigitsOf(currency)
  if (digits === undefined) throw new TypeError(`'${currency}' is no currency with a minor unit`)
  return digits
}

/** NUL can't be stored, and no page or terminal that shows goods is to obey their names. */
function withoutControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, '')
}

/** Keeps as many of the text's characters as fit. */
function cut(text: string): string {
  const bytes = Buffer.from(text)
  if (bytes.length <= MAX_GOODS_TEXT_BYTES) return text
  return bytes
    .subarray(0, MAX_GOODS_TEXT_BYTES)
    .toString()
    .replace(/\uFFFD$/, '')
}

function splitIntoBatches(ids: number[]): number[][] {
  const distinct = [...new Set(ids)]
  return Array.from({ length: Math.ceil(distinct.length / MAX_BATCH_SIZE) }, (_, i) =>
    distinct.slice(i * MAX_BATCH_SIZE, (i + 1) * MAX_BATCH_SIZE),
  )
}
