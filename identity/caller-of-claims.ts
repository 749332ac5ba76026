import type { JWTPayload } from 'jose'
import { failureOf } from '../contracts/application-failure.ts'
import { type Caller, SCOPES } from '../contracts/caller.ts'
import { failure } from '../contracts/failures.ts'
import { isId } from '../contracts/kinds.ts'

/**
 * Returns the caller that a verified token stands for: a service if it has a scope of ours, otherwise the customer whose user id it names.
 * @throws ApplicationFailure Forbidden for a token that is neither's
 */
export function callerOfClaims(claims: JWTPayload & { sub: string }, userIdClaim: string): Caller {
  const { sub: subject } = claims
  const granted = scopesIn(claims.scope ?? claims.scp)
  const scopes = new Set(SCOPES.filter((scope) => granted.includes(scope)))
  if (scopes.size > 0) return { kind: 'service', subject, scopes }
  const userId = idOf(claims[userIdClaim])
  if (userId !== undefined) return { kind: 'customer', subject, userId }
  const words = `the token has none of the scopes ${SCOPES.join(', ')}, and its claim ${userIdClaim} (AUTH_USER_CLAIM) is no user id`
  throw failureOf(failure('Forbidden', words))
}

/** Returns the scopes of a claim: a text of words (RFC 9068), or a list of them, as some issuers write it. */
function scopesIn(claim: unknown): unknown[] {
  return typeof claim === 'string' ? claim.split(' ') : Array.isArray(claim) ? claim : []
}

function idOf(claim: unknown): number | undefined {
  const id = typeof claim === 'string' && /^[1-9]\d{0,9}$/.test(claim) ? Number(claim) : claim
  return isId(id) ? id : undefined
}
