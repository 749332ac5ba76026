/** Integer minor units (cents, fen) of one currency. */
export interface Money {
  /** Integer, in minor units; at most 1,000 lines of 9,999 pieces at 131,072.00 each, which stays below 2^53. */
  amount: number
  /** ISO 4217 code; every order of one deployment has the same (`CURRENCY`). */
  currency: string
}

/** As people read it: `19.99 CNY`. Minor units are hundredths of every currency here, as the goods service has them. */
export function moneyText({ amount, currency }: Money): string {
  return `${(amount / 100).toFixed(2)} ${currency}`
}

/**
 * Above this, neighbouring float32 values lie further apart than one minor unit, so a price no longer names one amount.
 * (float32 has 24 significant bits: from 2^17 = 131,072 on the spacing is 1/64 > 0.01.)
 */
const EXACT_BELOW = 131_072

/**
 * The goods service's price (float32, major units) in minor units, or `undefined` where the float is not the image of
 * exactly one amount with two decimals: negative, not a number, too large, or between two amounts.
 */
export function minorUnitsOf(price: number): number | undefined {
  if (!(price >= 0 && price < EXACT_BELOW)) return undefined
  const amount = Math.round(price * 100)
  return Math.fround(amount / 100) === Math.fround(price) ? amount : undefined
}
