import type { Line } from '../contracts/order.ts'

/** Lines that are named; the rest is counted. */
const NAMED = 8

/** Lines as text: `1 × goods 8, 2 × goods 69`. */
export function piecesText(lines: readonly Line[]): string {
  const named = lines.slice(0, NAMED).map(({ goodsId, num }) => `${num} × goods ${goodsId}`)
  return [...named, ...(lines.length > NAMED ? [`${lines.length - NAMED} more`] : [])].join(', ')
}
