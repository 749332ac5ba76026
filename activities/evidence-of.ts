import type { ApplicationFailure } from '@temporalio/common'
import { failureIn } from '../contracts/application-failure.ts'
import { messageForOperators } from '../contracts/message-for-operators.ts'

/** What the audit trail is to say of a call whose effect nobody knows. */
export function evidenceOf(failed: ApplicationFailure | undefined): string {
  const known = failureIn(failed)
  return known ? messageForOperators(known) : 'no answer'
}
