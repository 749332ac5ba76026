import { BUDGET_MEMO } from '../contracts/create-order.ts'
import { ORDER_BUDGET_MS } from '../contracts/time-budget.ts'

/** Facts that a run knows of itself. */
interface Run {
  memo?: Record<string, unknown>
  runId: string
  firstExecutionRunId: string
}

/**
 * Returns what is left of an order's budget to its run, in milliseconds: never more than the whole, whatever a memo has, for
 * anybody may send one. A run that an operator has reset gets the whole again.
 * @param now time of the workflow, in milliseconds since the epoch
 */
export function budgetLeft({ memo, runId, firstExecutionRunId }: Run, now: number): number {
  const endsAt = memo?.[BUDGET_MEMO]
  if (typeof endsAt !== 'string' || runId !== firstExecutionRunId) return ORDER_BUDGET_MS
  const left = Date.parse(endsAt) - now
  return Number.isNaN(left) ? ORDER_BUDGET_MS : Math.min(ORDER_BUDGET_MS, Math.max(0, left))
}
