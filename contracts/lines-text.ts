import type { Line } from './order.ts'

/** Lines that are named; the rest is counted. */
const NAMED = 10

/** Lines as text: `1 × goods 8, 2 × goods 69`. */
export function linesText(lines: readonly Line[]): string {
  const named = lines.slice(0, NAMED).map(({ goodsId, num }) => `${num} × goods ${goodsId}`)
  return `${named.join(', ')}${lines.length > NAMED ? ` and ${lines.length - NAMED} more lines` : ''}`
}
