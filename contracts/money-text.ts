import { minorDigitsOf } from './currency.ts'
import type { Money } from './money.ts'

/** An amount as people read it: `19.99 CNY`, `1500 JPY`, `1.250 KWD`. */
export function moneyText({ amount, currency }: Money): string {
  const digits = minorDigitsOf(currency)
  // An order of before the code was checked: its amount is shown as it is stored, for nobody knows its unit.
  if (digits === undefined) return `${amount} minor units of ${currency || 'no currency'}`
  const figures = `${Math.abs(amount)}`.padStart(digits + 1, '0')
  const point = figures.length - digits
  return `${amount < 0 ? '-' : ''}${figures.slice(0, point)}${digits > 0 ? `.${figures.slice(point)}` : ''} ${currency}`
}
