import { code as currencyOf } from 'currency-codes'

/**
 * ISO 4217's codes whose minor unit is "N.A.": metals, bond units, SDR and other units of account, testing, no currency. The
 * list of the package gives them 0 digits, as it gives the yen.
 */
const WITHOUT_MINOR_UNIT = new Set('XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX'.split(' '))

/** The decimals of a currency's minor unit by ISO 4217, from 0 to 4; `undefined` if the code is no currency or has no minor unit. */
export function minorDigitsOf(code: string): number | undefined {
  // The package takes small letters for capitals.
  if (code !== code.toUpperCase() || WITHOUT_MINOR_UNIT.has(code)) return undefined
  return currencyOf(code)?.digits
}
