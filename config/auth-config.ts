import { type Address, addressText, parseAddress } from '../clients/address.ts'
import { isLoopback } from '../identity/hosts.ts'
import type { ValuesFor } from './setting.ts'
import type { SETTINGS } from './settings.ts'

type Values = ValuesFor<typeof SETTINGS, 'starter'>

/** The settings that say who may call the front doors, as properties. */
export type NamedInAuth = Extract<keyof Values, `auth${string}` | 'httpHosts' | 'operationsAddr'>

/** Way in which the front doors know their callers. */
export type AuthConfig =
  | { kind: 'off' }
  | { kind: 'jwt'; issuer: string; audience: string; jwks: URL | string; userIdClaim: string }
  | { kind: 'mtls'; names: string[] }
  | { kind: 'gateway' }

/** Conditions of coming in: the way to know callers, the names of the starter, and the address of operators. */
export interface DoorConfig {
  auth: AuthConfig
  hosts: { names: string[]; forAll: boolean }
  /** Address for operators alone; absent: there is none. */
  operationsAddr?: Address
  /** True if the public address serves what is for operators as well. */
  isInsidePublic: boolean
}

/** The values of settings, with those of who may come in as one `door`. */
export function authConfig<V extends Pick<Values, NamedInAuth | 'httpAddr'>>(
  values: V,
): Omit<V, NamedInAuth> & { door: DoorConfig } {
  const {
    auth: mode,
    authIssuer: issuer = '',
    authAudience: audience = '',
    authJwks: jwks = '',
    authUserClaim: userIdClaim,
    authMtlsNames: names = [],
    httpHosts,
    operationsAddr,
    ...others
  } = values
  const modes: Record<typeof mode, AuthConfig> = {
    off: { kind: 'off' },
    jwt: { kind: 'jwt', issuer, audience, jwks, userIdClaim },
    mtls: { kind: 'mtls', names },
    gateway: { kind: 'gateway' },
  }
  const hosts = { names: httpHosts ?? [], forAll: mode === 'off' || httpHosts !== undefined }
  // An address that could not be read is a problem of its own by now.
  const isInsidePublic = !operationsAddr && isLoopback(values.httpAddr?.host ?? '')
  return { ...others, door: { auth: modes[mode], hosts, isInsidePublic, ...(operationsAddr && { operationsAddr }) } }
}

const THREE_WAYS =
  'set AUTH=jwt (callers have tokens of an issuer), AUTH=mtls (the gateway and services have certificates), or AUTH=gateway (something in front knows its callers), or bind to loopback'

/** Settings that leave a door open which others can reach, or that are incomplete. */
export function authProblems(values: Partial<Values>): string[] {
  const { auth, httpAddr, grpcAddr, grpcServerClientCaPath, httpTlsClientCaPath, authMtlsNames } = values
  if (auth === 'jwt') {
    const needed = { AUTH_ISSUER: values.authIssuer, AUTH_AUDIENCE: values.authAudience, AUTH_JWKS: values.authJwks }
    return Object.entries(needed).flatMap(([name, value]) => (value ? [] : [`${name} is missing: AUTH=jwt needs it`]))
  }
  if (auth === 'mtls') {
    const problems: string[] = authMtlsNames
      ? []
      : ['AUTH_MTLS_NAMES is missing: AUTH=mtls needs the names of those who may call']
    const needed = {
      HTTP_TLS_CLIENT_CA_PATH: httpTlsClientCaPath,
      ...(grpcAddr && { GRPC_SERVER_CLIENT_CA_PATH: grpcServerClientCaPath }),
    }
    const without = Object.entries(needed).filter(([, value]) => !value)
    return [
      ...problems,
      ...without.map(([name]) => `${name} is missing: AUTH=mtls needs the authority of the certificates of callers`),
    ]
  }
  if (auth !== 'off') return []
  const grpc = grpcAddr === undefined ? undefined : parseAddress(grpcAddr)
  return Object.entries({ HTTP_ADDR: httpAddr, GRPC_ADDR: grpc }).flatMap(([name, address]) => {
    if (!address || isLoopback(address.host)) return []
    return [`AUTH is off, and other machines reach ${name} (${addressText(address)}): ${THREE_WAYS}`]
  })
}
