import type { Logger } from 'pino'
import type { StarterConfig } from '../config/config.ts'
import { type Authenticate, believeAnybody } from '../identity/authenticate.ts'
import { keysOf } from '../identity/issuer-keys.ts'
import { knownCertificates } from '../identity/known-certificates.ts'
import { verifyTokens } from '../identity/verify-tokens.ts'

/** Makes both doors know their callers as the settings say; what is open by that stands in the log. */
export function knowCallers({ auth }: StarterConfig['door'], log: Pick<Logger, 'info' | 'warn'>): Authenticate {
  switch (auth.kind) {
    case 'off':
      log.info(
        'AUTH=off: whoever runs a program on this machine can read, place, pay and cancel any order, because only loopback is open',
      )
      return believeAnybody
    case 'gateway':
      log.warn('AUTH=gateway: every user id is believed; whoever reaches HTTP_ADDR or GRPC_ADDR past the gateway is anybody')
      return believeAnybody
    case 'mtls':
      return knownCertificates(auth.names)
    case 'jwt': {
      const { jwks, ...rules } = auth
      return verifyTokens({ ...rules, keys: keysOf(jwks) })
    }
  }
}
