import { ApplicationFailure } from '@temporalio/common'
import type { FailureDetails } from './failure-details.ts'
import { FAILURES, type Failure, type FailureType, isRefusal } from './failures.ts'

/** The one way to make a typed failure; retried or not is the table's. */
export function failureOf(refused: Failure, options: { nextRetryDelay?: number; cause?: Error } = {}): ApplicationFailure {
  return ApplicationFailure.create({
    type: refused.type,
    message: refused.message,
    nonRetryable: isRefusal(refused),
    details: [{ code: refused.code, ...refused.details }],
    ...options,
  })
}

/** The typed failure within an error (workflow failed → activity failed → ApplicationFailure), or `undefined`. */
export function failureIn(error: unknown): Failure | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (!(cause instanceof ApplicationFailure)) continue
    const type = cause.type
    if (typeof type !== 'string' || !Object.hasOwn(FAILURES, type)) continue
    const { code, ...details } = (cause.details?.[0] ?? {}) as FailureDetails & { code?: unknown }
    const known = type as FailureType
    return { type: known, code: typeof code === 'number' ? code : FAILURES[known].code, message: cause.message, details }
  }
  return undefined
}
