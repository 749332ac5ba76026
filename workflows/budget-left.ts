import { ORDER_BUDGET_MS } from '../contracts/limits.ts'

/** The memo of a run that an order was handed over to: when its budget ends, ISO 8601. The batch has spent a part of it. */
export const BUDGET_MEMO = 'budgetEndsAt'

/** What a run knows of itself. */
interface Run {
  memo?: Record<string, unknown>
  runId: string
  firstExecutionRunId: string
}

/**
 * What an order's run has of its budget, in milliseconds: never more than the whole, whatever a memo says, for anybody may send one. A run
 * that an operator has reset gets the whole again.
 * @param now time of the workflow, in milliseconds since the epoch
 */
export function budgetLeft({ memo, runId, firstExecutionRunId }: Run, now: number): number {
  const endsAt = memo?.[BUDGET_MEMO]
  if (typeof endsAt !== 'string' || runId !== firstExecutionRunId) return ORDER_BUDGET_MS
  const left = Date.parse(endsAt) - now
  return Number.isNaN(left) ? ORDER_BUDGET_MS : Math.min(ORDER_BUDGET_MS, Math.max(0, left))
}
