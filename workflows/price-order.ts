import { failureOf } from '../contracts/application-failure.ts'
import { type FailureType, failure } from '../contracts/failures.ts'
import type { Money } from '../contracts/money.ts'
import type { Line, OrderLine } from '../contracts/order.ts'
import type { GoodsSnapshot } from '../contracts/steps.ts'

/** Number of goods of a kind that one message names; the details name all. */
const NAMED_IN_MESSAGE = 10

/** Faults that the goods of an order may have, the most severe first: the refusal is of the first kind that occurs. */
const KINDS: { failure: FailureType; what: string; isSo: (goods: GoodsSnapshot | undefined) => boolean }[] = [
  { failure: 'GoodsNotFound', what: 'did not exist', isSo: (goods) => goods === undefined },
  { failure: 'GoodsOffSale', what: 'were off sale', isSo: (goods) => goods?.onSale === false },
  {
    failure: 'PriceNotExact',
    what: 'had the price 0, which may be no price at all',
    isSo: (goods) => goods?.free === true && !goods.price,
  },
  {
    failure: 'PriceNotExact',
    what: 'had a price that was no exact amount',
    isSo: (goods) => goods !== undefined && !goods.free && !goods.price,
  },
]

/** Named only beside other faults: the inventory judges the stock of an order that may be sold, when it sells. */
const SHORT = 'InsufficientStock'

/**
 * The lines as they are sold: every goods exists, is on sale, and has an exact price, and the total can be counted.
 * @param expectedTotal the total to which the buyer agreed, if they named one
 * @throws GoodsNotFound, GoodsOffSale, PriceNotExact, whichever is the most severe; details.goodsIds names all goods of which it is true,
 * details.problems, if there are several kinds, the goods of each kind. PriceChanged if the total is not the expected one
 */
export function priceOrder(lines: readonly Line[], goods: readonly GoodsSnapshot[], expectedTotal?: Money): OrderLine[] {
  const byId = new Map(goods.map((snapshot) => [snapshot.goodsId, snapshot]))
  const found = KINDS.map(({ failure, what, isSo }) => {
    const goodsIds = lines.map(({ goodsId }) => goodsId).filter((goodsId) => isSo(byId.get(goodsId)))
    return { failure, goodsIds, says: `${named(goodsIds)} ${what}` }
  })
  if (found.some(({ goodsIds }) => goodsIds.length > 0)) {
    const short = lines.filter(({ goodsId, num }) => (byId.get(goodsId)?.left ?? num) < num).map(({ goodsId }) => goodsId)
    refuseIfAny([...found, { failure: SHORT, goodsIds: short, says: `${named(short)} were short` }])
  }
  const priced = lines.flatMap(({ goodsId, num }) => {
    const { name, image, price } = byId.get(goodsId) ?? {}
    return name !== undefined && image !== undefined && price ? [{ goodsId, name, image, price, num }] : []
  })
  const total = priced.reduce((sum, { price, num }) => sum + price.amount * num, 0)
  if (!Number.isSafeInteger(total)) {
    const goodsIds = lines.map(({ goodsId }) => goodsId)
    refuseIfAny([
      { failure: 'PriceNotExact', goodsIds, says: `${named(goodsIds)} cost more in all than could be counted exactly` },
    ])
  }
  if (expectedTotal) refuseOtherTotal(priced, total, expectedTotal)
  return priced
}

function refuseOtherTotal(lines: readonly OrderLine[], amount: number, expectedTotal: Money): void {
  const currency = lines[0]?.price.currency ?? expectedTotal.currency
  if (amount === expectedTotal.amount && currency === expectedTotal.currency) return
  const agreed = `${expectedTotal.amount} of ${expectedTotal.currency}`
  throw failureOf(
    failure('PriceChanged', `the order came to ${amount} minor units of ${currency}, its buyer had agreed to ${agreed}`, {
      expectedTotal,
      total: { amount, currency },
      prices: lines.map(({ goodsId, num, price }) => ({ goodsId, num, price })),
    }),
  )
}

function refuseIfAny(found: readonly { failure: FailureType; goodsIds: number[]; says: string }[]): void {
  const kinds = found.filter(({ goodsIds }) => goodsIds.length > 0)
  const [worst] = kinds
  if (!worst) return
  // Each failure has one entry, in the order of severity.
  const byFailure = new Map<FailureType, number[]>()
  for (const { failure, goodsIds } of kinds) byFailure.set(failure, [...(byFailure.get(failure) ?? []), ...goodsIds])
  const problems = [...byFailure].map(([failure, goodsIds]) => ({ failure, goodsIds: goodsIds.sort((a, b) => a - b) }))
  throw failureOf(
    failure(worst.failure, kinds.map(({ says }) => says).join('; '), {
      goodsIds: byFailure.get(worst.failure) ?? [],
      ...(problems.length > 1 && { problems }),
    }),
  )
}

function named(goodsIds: readonly number[]): string {
  const more = goodsIds.length - NAMED_IN_MESSAGE
  return `goods ${goodsIds.slice(0, NAMED_IN_MESSAGE).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
