import type { AuthConfig } from './auth-config.ts'
import type { ValuesFor } from './setting.ts'
import type { SETTINGS } from './settings.ts'

type Values = ValuesFor<typeof SETTINGS, 'starter'>

/** The settings of what one caller may send, as properties, whose defaults follow from how callers are known. */
export type NamedInLimits =
  | 'callerRequestsPerS'
  | 'serviceRequestsPerS'
  | 'httpMaxConnectionsPerAddress'
  | 'grpcMaxConnectionsPerAddress'

/** Limits of one caller; 0: any number. */
export interface LimitConfig {
  /** Requests a second of a customer, or of an address. */
  callerPerSecond: number
  /** Requests a second of a service. */
  servicePerSecond: number
  /** Connections of an address over HTTP at the same time. */
  connectionsPerAddress: number
  /** The same over gRPC. */
  grpcConnectionsPerAddress: number
}

const ANY_CONNECTIONS = { connectionsPerAddress: 0, grpcConnectionsPerAddress: 0 }
const UNLIMITED: LimitConfig = { callerPerSecond: 0, servicePerSecond: 0, ...ANY_CONNECTIONS }

/**
 * Limits by the way in which callers are known. Without AUTH, on loopback, they can't be told apart: nothing is limited. Gateways and services hold many
 * connections from few addresses, so that only a door whose callers come themselves bounds those of an address.
 */
const DEFAULTS: Record<AuthConfig['kind'], LimitConfig> = {
  off: UNLIMITED,
  jwt: { callerPerSecond: 50, servicePerSecond: 1_000, connectionsPerAddress: 500, grpcConnectionsPerAddress: 500 },
  mtls: { callerPerSecond: 50, servicePerSecond: 1_000, ...ANY_CONNECTIONS },
  gateway: { callerPerSecond: 50, servicePerSecond: 1_000, ...ANY_CONNECTIONS },
}

/** The values of settings, with those of what one caller may send as `limits`. */
export function limitConfig<V extends Pick<Values, NamedInLimits> & { door: { auth: AuthConfig } }>(
  values: V,
): Omit<V, NamedInLimits> & { limits: LimitConfig } {
  const { callerRequestsPerS, serviceRequestsPerS, httpMaxConnectionsPerAddress, grpcMaxConnectionsPerAddress, ...others } =
    values
  // A mode that could not be read is a problem of its own by now.
  const { auth }: { auth?: AuthConfig } = values.door
  const otherwise = auth ? DEFAULTS[auth.kind] : UNLIMITED
  const limits = {
    callerPerSecond: callerRequestsPerS ?? otherwise.callerPerSecond,
    servicePerSecond: serviceRequestsPerS ?? otherwise.servicePerSecond,
    connectionsPerAddress: httpMaxConnectionsPerAddress ?? otherwise.connectionsPerAddress,
    grpcConnectionsPerAddress: grpcMaxConnectionsPerAddress ?? otherwise.grpcConnectionsPerAddress,
  }
  return { ...others, limits }
}
