import { isId, isQuantity } from '../contracts/kinds.ts'
import { MAX_GOODS_TEXT_BYTES, MAX_LINES, MAX_QUANTITY } from '../contracts/limits.ts'
import type { ImportedCartItem } from '../store/imported/put-carts.ts'
import type { RuleName } from './rules.ts'
import type { SourceCartRow } from './source-rows.ts'

/** A user's cart of the source as rows of ours, and the rules that rows met, by their ids there. */
export interface TakenCart {
  items: ImportedCartItem[]
  rules: [RuleName, number][]
}

/**
 * Makes a cart of the source rows of ours.
 * @param rows all of one user that are not deleted, in the order of their ids
 * @param digits decimals of the currency's minor unit
 */
export function takeCart(rows: readonly SourceCartRow[], digits: number): TakenCart {
  const items = new Map<number, ImportedCartItem>()
  const rules: [RuleName, number][] = []
  for (const { id, user, goods, name, image, price, nums, checked, updatedAt } of rows) {
    const refused = refusalOf(id, user, goods, nums)
    const first = items.get(goods ?? 0)
    if (refused || (!first && items.size === MAX_LINES)) {
      rules.push([refused ?? 'cart-full', id])
      continue
    }
    if (first) {
      first.num = Math.min(first.num + Number(nums), MAX_QUANTITY)
      first.checked ||= checked !== 0
      rules.push(['cart-merged', id])
      continue
    }
    const amount = minorUnits(price, digits)
    if (price !== null && amount === undefined) rules.push(['cart-no-price', id])
    items.set(Number(goods), {
      ...{ id, goodsId: Number(goods), num: Number(nums), checked: checked !== 0, at: updatedAt },
      name: fitting(name),
      image: fitting(image),
      price: amount ?? null,
    })
  }
  return { items: [...items.values()], rules }
}

function refusalOf(id: number, user: number | null, goods: number | null, nums: number | null): RuleName | undefined {
  if (!isId(user)) return 'cart-bad-user'
  if (!isId(goods) || !isId(id)) return 'cart-bad-goods'
  return isQuantity(nums) ? undefined : 'cart-bad-quantity'
}

/** A decimal number in minor units; `undefined` if it is no whole number of them. */
function minorUnits(decimal: string | null, digits: number): number | undefined {
  const [, whole = '', fraction = ''] = /^(\d+)(?:\.(\d+))?$/.exec(decimal ?? '') ?? []
  const padded = fraction.padEnd(digits, '0')
  if (whole === '' || /[1-9]/.test(padded.slice(digits))) return undefined
  const amount = Number(whole + padded.slice(0, digits))
  return Number.isSafeInteger(amount) ? amount : undefined
}

/** A text that is shown and decides nothing: one that can't be stored is left out. */
function fitting(text: string | null): string {
  const clean = (text ?? '').replaceAll('\0', '')
  return Buffer.byteLength(clean) <= MAX_GOODS_TEXT_BYTES ? clean : ''
}
