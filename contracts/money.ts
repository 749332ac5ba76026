import { anyInteger, anyText } from './kinds.ts'
import { body, type Schema, type TypeOf } from './schema.ts'

/** An amount of one currency. */
export const MONEY = body('Money', {
  /** Integer, in minor units of the currency by ISO 4217: hundredths of a yuan, whole yen, thousandths of a dinar. Below 2^53. */
  amount: anyInteger({
    minimum: 0,
    description: 'In minor units of the currency by ISO 4217: 1999 is 19.99 CNY, 1500 is 1500 JPY, 1250 is 1.250 KWD.',
  }),
  /** ISO 4217 code. The amounts of one order have the same; a later order may have another (`CURRENCY`). */
  currency: anyText({ description: 'ISO 4217.' }),
})
export type Money = TypeOf<typeof MONEY>

/** An amount that a caller names: whole minor units, and a code that can be a currency. Whether it is the order's is for the order to say. */
export const ASKED_MONEY: Schema<Money> = {
  json: MONEY.json,
  read(value, path, problems) {
    const money = MONEY.read(value, path, problems) as Partial<Money>
    if (typeof money.amount === 'number' && money.amount < 0) problems.add(`${path}.amount`, 'must be an integer from 0 to 2^53')
    if (typeof money.currency === 'string' && !/^[A-Z]{3}$/.test(money.currency)) {
      problems.add(`${path}.currency`, 'must be a code of ISO 4217, such as CNY, EUR or JPY')
    }
    return money as Money
  },
}

/**
 * The goods service's price (float32, major units) in minor units, or `undefined` if it does not say one amount. It does in
 * two cases:
 * - The float is a whole number of minor units: 131072.25 of two decimals, 16777216 of none.
 * - The float is the image of one amount, and of no other: 19.99, which no float32 is, or 131072.03. As far as neighbouring
 *   floats lie closer than the minor unit, that is every amount: below 131,072 at two decimals, 16,384 at three, 1,024 at four.
 *
 * Between those two nothing is guessed: 131072.02 on the wire may have been 131072.01, and is refused. So is what is negative,
 * infinite, not a number, or above 2^53 minor units.
 * @param digits decimals of the minor unit, 0 to 4 (currency.ts)
 */
export function minorUnitsOf(price: number, digits: number): number | undefined {
  const scale = 10 ** digits
  // Exact: 24 bits of a float32 times the 14 of 10,000 fit into the 53 of a double.
  const scaled = price * scale
  const amount = Math.round(scaled)
  if (!(price >= 0 && Number.isSafeInteger(amount))) return undefined
  const isImageOf = (one: number) => Math.fround(one / scale) === price
  if (amount === scaled || (isImageOf(amount) && !isImageOf(amount - 1) && !isImageOf(amount + 1))) return Math.abs(amount)
  return undefined
}
