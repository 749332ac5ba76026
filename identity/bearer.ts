import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'

/**
 * Returns the token of a request.
 * @throws ApplicationFailure Unauthenticated if there is none, or more than one: two parties could read two of them
 */
export function bearerToken(authorization: readonly string[]): string {
  if (authorization.length > 1) throw unauthenticated('more than one Authorization was sent')
  const [, token] = /^Bearer +([\w.~+/=-]+) *$/i.exec(authorization[0] ?? '') ?? []
  if (!token) throw unauthenticated('no token was sent')
  return token
}

/** @param reason without a word of the token */
export function unauthenticated(reason: string) {
  return failureOf(failure('Unauthenticated', reason))
}
