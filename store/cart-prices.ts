import type { Failure } from '../contracts/failures.ts'
import type { Money } from '../contracts/money.ts'
import type { Database } from './database.ts'

interface Refused {
  refusal: Failure
  request?: { userId: number }
}

/**
 * Adds to the refusal of an order whose price has changed what each of its goods cost when it was put into the cart of its user, if it
 * stands there. Of other refusals nothing is read.
 */
export async function withCartPrices<Intent extends Refused>(db: Database, intents: readonly Intent[]): Promise<Intent[]> {
  const changed = intents.flatMap(({ refusal, request }) => (refusal.type === 'PriceChanged' && request ? request.userId : []))
  if (changed.length === 0) return [...intents]
  const rows = await db
    .selectFrom('cart_items')
    .select(['user_id', 'goods_id', 'price', 'currency'])
    .where('user_id', 'in', changed)
    .where('price', 'is not', null)
    .execute()
  const known = new Map(
    rows.map(({ user_id, goods_id, price, currency }) => [
      `${user_id}/${goods_id}`,
      { amount: price as number, currency: currency ?? '' } satisfies Money,
    ]),
  )
  return intents.map((intent) => {
    const { refusal, request } = intent
    const { prices } = refusal.details
    if (refusal.type !== 'PriceChanged' || !request || !prices) return intent
    const named = prices.map((line) => {
      const priceInCart = known.get(`${request.userId}/${line.goodsId}`)
      return priceInCart ? { ...line, priceInCart } : line
    })
    return { ...intent, refusal: { ...refusal, details: { ...refusal.details, prices: named } } }
  })
}
