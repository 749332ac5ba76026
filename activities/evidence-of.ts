import type { ApplicationFailure } from '@temporalio/common'
import { failureIn } from '../contracts/application-failure.ts'
import { messageForOperators } from '../contracts/message-for-operators.ts'

/** Text for the audit trail about a call whose effect nobody knows. */
export function evidenceOf(failed: ApplicationFailure | undefined): string {
  const known = failureIn(failed)
  return known ? messageForOperators(known) : 'no answer'
}
