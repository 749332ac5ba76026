import type { Caller } from '../contracts/caller.ts'
import { namesOf } from '../tls/names-of.ts'
import type { Authenticate, Credentials } from './authenticate.ts'
import { unauthenticated } from './bearer.ts'

/**
 * Knows callers by the certificates of their connections (AUTH=mtls): the gateway in front, and services. Each acts for everybody.
 * @param names DNS names, URIs or common names of those who may call
 */
export function knownCertificates(names: readonly string[]): Authenticate {
  const authenticate = ({ certificate }: Credentials): Caller => {
    if (!certificate) throw unauthenticated('the connection has no certificate of an authority that is trusted here')
    const subject = namesOf(certificate).find((name) => names.includes(name))
    if (subject === undefined) throw unauthenticated('the certificate of the connection has none of the names in AUTH_MTLS_NAMES')
    return { kind: 'service', subject, scopes: new Set(['orders:any']) }
  }
  return Object.assign(authenticate, { asksFor: 'certificate' as const })
}
