import { MAX_ID } from './limits.ts'

/** Whether it can be an id on the wire: int32, positive. */
export function isId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_ID
}
