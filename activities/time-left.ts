import { asyncLocalStorage, type Context } from '@temporalio/activity'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { TO_REPORT_MS } from '../contracts/time-budget.ts'

/** Time at which each attempt began, by a clock that no administrator can set back. */
const begun = new WeakMap<Context, number>()

/**
 * Notes when each attempt begins: Temporal does not report it. By this process's own clock, whatever the server's shows. An activity
 * outside of a worker that has it begins when it first asks for its time.
 */
export const attemptClock: ActivityInterceptorsFactory = (attempt) => ({
  inbound: {
    async execute(input, next) {
      begun.set(attempt, performance.now())
      return await next(input)
    },
  },
})

/**
 * Returns the time that a call may take that this attempt makes now, in milliseconds, at least 1: what its startToClose leaves.
 * @param atMostMs another bound, such as the express lane's; alone if no worker runs this
 */
export function timeLeft(atMostMs = Number.POSITIVE_INFINITY): number {
  const attempt = asyncLocalStorage.getStore()
  if (!attempt) return atMostMs
  const now = performance.now()
  const began = begun.get(attempt) ?? now
  begun.set(attempt, began)
  return Math.max(1, Math.min(atMostMs, began + attempt.info.startToCloseTimeoutMs - TO_REPORT_MS - now))
}
