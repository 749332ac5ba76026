import { isId, isQuantity } from './kinds.ts'
import type { Line } from './order.ts'

/**
 * The lines of a stored order that are lines. A row is as sound as whoever wrote it: one that is not must not end a pass over all
 * orders.
 */
export function soundLines(lines: unknown): Line[] {
  return Array.isArray(lines) ? lines.filter(isLine) : []
}

/** Reports whether all of them are sound. */
export function areSoundLines(lines: unknown): lines is Line[] {
  return Array.isArray(lines) && lines.every(isLine)
}

function isLine(line: unknown): line is Line {
  return typeof line === 'object' && line !== null && isId((line as Line).goodsId) && isQuantity((line as Line).num)
}
