import type { TlsPaths } from '../tls/tls-files.ts'
import type { ConsulAccess } from './ask-consul.ts'

/** Settings of the connections to the services: the same for all of them, but for TLS. */
export interface ConnectionSettings {
  /** Milliseconds between two pings; 0 for none. A server may ask for fewer: then the interval doubles by itself. */
  keepaliveTimeMs: number
  /** Milliseconds that a ping may go unanswered before the connection counts as dead. */
  keepaliveTimeoutMs: number
  /** True if pings are sent while no call is under way. */
  keepaliveWithoutCalls: boolean
  /** Maximum size of a message, sent or received, in bytes. */
  maxMessageBytes: number
  /** Milliseconds between two lookups of a host name. */
  resolveEveryMs: number
  /** Milliseconds between two health checks of a backend (grpc.health.v1); 0 for none. */
  healthEveryMs: number
  /** Settings of TLS. If absent, connections are not encrypted. */
  tls?: TlsSettings
  /** TLS of the services that have settings of their own, by the names of their clients; absent `tls`: not encrypted. */
  services?: Partial<Record<string, { tls?: TlsSettings }>>
  /** Token and authorities for the agents of `consul://` and `consuls://` targets. */
  consul?: ConsulAccess
}

/** Files of our own certificate, for services that ask for one (mTLS), and of the services' authorities. */
export interface TlsSettings extends TlsPaths {
  /** Name that the services' certificates must carry. @default the name in the target */
  serverName?: string
}

/** Pings and sizes are those of the original (docs/origin.md). With both timers a change of the backends is followed within 10 s. */
export const CONNECTION_DEFAULTS = {
  keepaliveTimeMs: 10_000,
  keepaliveTimeoutMs: 3_000,
  keepaliveWithoutCalls: true,
  maxMessageBytes: 4 * 1024 * 1024,
  resolveEveryMs: 5_000,
  healthEveryMs: 3_000,
} satisfies ConnectionSettings
