import { minorDigitsOf } from '../contracts/currency.ts'
import type { Money } from '../contracts/money.ts'

/**
 * Returns an amount in major units, for messages whose fields are floats: the nearest double, which the message rounds to the nearest float32. It is shown and
 * never computed with. An amount whose currency nobody knows stays in minor units.
 */
export function majorUnitsOf({ amount, currency }: Money): number {
  return amount / 10 ** (minorDigitsOf(currency) ?? 0)
}
