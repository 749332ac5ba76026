import type { PeerCertificate } from 'node:tls'
import { ANYBODY, type Caller } from '../contracts/caller.ts'

/** All that a request brings along by which its caller can be known, whichever door it comes through. */
export interface Credentials {
  /** Each value of the header, or of the metadata, `authorization`. */
  authorization: readonly string[]
  /** The certificate of the caller, if its connection has one that was verified. */
  certificate?: PeerCertificate
}

/**
 * Finds out who sent a request. It answers at once if it can: most callers are known from a moment ago.
 * @throws ApplicationFailure Unauthenticated, or ServiceUnavailable if it can't be found out now
 */
export type Authenticate = ((credentials: Credentials) => Caller | Promise<Caller>) & {
  /** See `askedBy`. @default 'token' */
  readonly asksFor?: AskedFor
}

/** Kind of credentials by which callers are known. */
export type AskedFor = 'nothing' | 'token' | 'certificate'

/** Returns what callers are known by. */
export function askedBy({ asksFor = 'token' }: Authenticate): AskedFor {
  return asksFor
}

/** Believes everybody: AUTH=off, AUTH=gateway. */
export const believeAnybody: Authenticate = Object.assign(() => ANYBODY, { asksFor: 'nothing' as const })
