import { failureOf } from '../contracts/application-failure.ts'
import type { Caller } from '../contracts/caller.ts'
import { failure } from '../contracts/failures.ts'

/** Reports whether what is this user's is the caller's to see and to move. */
export function owns(caller: Caller, userId: number): boolean {
  return caller.kind !== 'customer' || caller.userId === userId
}

/**
 * Returns the user that a request is about: a customer who names none means themselves.
 * @param named the user id that the request names; below 1 for none
 * @throws ApplicationFailure Forbidden if a customer names somebody else
 */
export function userMeant(caller: Caller, named: number): number {
  if (caller.kind !== 'customer') return named
  if (named < 1) return caller.userId
  if (named === caller.userId) return named
  throw failureOf(failure('Forbidden', `the caller is not user ${named}`, { userId: named }))
}
