import { createHash } from 'node:crypto'
import { errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { failureOf } from '../contracts/application-failure.ts'
import type { Caller } from '../contracts/caller.ts'
import { failure } from '../contracts/failures.ts'
import type { Authenticate } from './authenticate.ts'
import { bearerToken, unauthenticated } from './bearer.ts'
import { callerOfClaims } from './caller-of-claims.ts'
import { RecentCallers } from './recent-callers.ts'

/** Signatures that only the holder of a private key can make: no secret that is shared, and not `none`. */
export const ALGORITHMS = ['RS256', 'ES256', 'EdDSA']

export interface TokenRules {
  issuer: string
  audience: string
  /** The keys by which the issuer signs. */
  keys: JWTVerifyGetKey
  /** Claim that holds the user id of a customer. */
  userIdClaim: string
}

/** Knows callers by the tokens of an issuer (AUTH=jwt). */
export function verifyTokens(rules: TokenRules, recent = new RecentCallers()): Authenticate {
  return ({ authorization }) => {
    const token = bearerToken(authorization)
    // The token itself is kept nowhere.
    const hash = createHash('sha256').update(token).digest('base64')
    return recent.get(hash) ?? verified(token, hash, rules, recent)
  }
}

async function verified(token: string, hash: string, rules: TokenRules, recent: RecentCallers): Promise<Caller> {
  const { issuer, audience, keys, userIdClaim } = rules
  const asked = { issuer, audience, algorithms: ALGORITHMS, requiredClaims: ['exp', 'sub'] }
  const { payload } = await jwtVerify<JWTPayload & { exp: number; sub: string }>(token, keys, asked).catch((error: unknown) => {
    throw rejectionOf(error)
  })
  const caller = callerOfClaims(payload, userIdClaim)
  recent.set(hash, caller, payload.exp)
  return caller
}

/** Reasons why a token is not accepted, without a word of it: it may be somebody's key to something else. */
const REASONS: Record<string, string> = {
  ERR_JWT_EXPIRED: 'the token has expired',
  ERR_JOSE_ALG_NOT_ALLOWED: `the token is not signed by one of ${ALGORITHMS.join(', ')}`,
  ERR_JWKS_NO_MATCHING_KEY: 'the token is signed by a key that the issuer does not publish',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'the token names no key (kid), and the issuer publishes several',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'the signature of the token is wrong',
  ERR_JWS_INVALID: 'the token is no signed JWT',
  ERR_JWT_INVALID: 'the token is no JWT',
  ERR_JOSE_NOT_SUPPORTED: 'the token uses what is not supported here',
}

/** Whatever is not the fault of the token is that of its issuer, or of the file of its keys. */
function rejectionOf(error: unknown) {
  if (error instanceof errors.JWTClaimValidationFailed) return unauthenticated(`the claim ${error.claim} of the token is wrong`)
  const reason = REASONS[error instanceof errors.JOSEError ? error.code : '']
  if (reason) return unauthenticated(reason)
  return failureOf(failure('ServiceUnavailable', 'the keys of the issuer (AUTH_JWKS) can not be had', { service: 'issuer' }))
}
