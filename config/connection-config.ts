import type { ConnectionSettings, TlsSettings } from '../clients/connection-settings.ts'
import {
  isOfServiceTls,
  type NamedInServiceTls,
  type ServiceTlsValues,
  serviceTlsProblems,
  tlsOfServices,
  usesTls,
} from './service-tls-config.ts'
import { SERVICES } from './service-tls-settings.ts'
import type { Environment, ValuesFor } from './setting.ts'
import type { SETTINGS } from './settings.ts'

type Values = ValuesFor<typeof SETTINGS, 'orders'>

/** The settings that say how the services are reached, as properties. */
export type NamedInConnection = Extract<keyof Values, `grpc${string}` | 'consulHttpToken' | 'consulCacert'>

/** The same, and those that one service has to itself: a program reads those of the services that it calls. */
export type OfConnections = NamedInConnection | NamedInServiceTls

/** The values of settings, with those of the connections to the services as one `connection`. */
export function connectionConfig<V extends Pick<Values, NamedInConnection> & ServiceTlsValues>(
  values: V,
): Omit<V, OfConnections> & { connection: ConnectionSettings } {
  const {
    grpcKeepaliveTimeMs: keepaliveTimeMs,
    grpcKeepaliveTimeoutMs: keepaliveTimeoutMs,
    grpcKeepaliveWithoutCalls: keepaliveWithoutCalls,
    grpcMaxMessageBytes: maxMessageBytes,
    grpcResolveEveryMs: resolveEveryMs,
    grpcHealthEveryMs: healthEveryMs,
    grpcTls,
    grpcTlsCaPath: ca,
    grpcTlsCertPath: cert,
    grpcTlsKeyPath: key,
    grpcTlsServerName: serverName,
    consulHttpToken: token,
    consulCacert: consulCa,
    ...others
  } = values
  const tls: TlsSettings = { ...(ca && { ca }), ...(cert && key && { cert, key }), ...(serverName && { serverName }) }
  const services = tlsOfServices(values, grpcTls, tls)
  const left = Object.fromEntries(Object.entries(others).filter(([name]) => !isOfServiceTls(name)))
  return {
    ...(left as Omit<V, OfConnections>),
    connection: {
      keepaliveTimeMs,
      keepaliveTimeoutMs,
      keepaliveWithoutCalls,
      maxMessageBytes,
      resolveEveryMs,
      healthEveryMs,
      ...(grpcTls && { tls }),
      ...(Object.keys(services).length > 0 && { services }),
      ...((token || consulCa) && { consul: { ...(token && { token }), ...(consulCa && { ca: consulCa }) } }),
    },
  }
}

/** Settings that are right alone, and wrong together. */
export function connectionProblems(env: Environment): string[] {
  const { GRPC_TLS, GRPC_TLS_CERT_PATH, GRPC_TLS_KEY_PATH } = env
  const problems = serviceTlsProblems(env)
  if (Boolean(GRPC_TLS_CERT_PATH) !== Boolean(GRPC_TLS_KEY_PATH)) {
    problems.push(`GRPC_TLS_${GRPC_TLS_CERT_PATH ? 'KEY' : 'CERT'}_PATH is missing: a client certificate needs both parts`)
  }
  for (const name of ['GRPC_TLS_CA_PATH', 'GRPC_TLS_CERT_PATH', 'GRPC_TLS_SERVER_NAME']) {
    if (env[name] && GRPC_TLS !== 'true' && !SERVICES.some((service) => usesTls(env, service)))
      problems.push(`${name} has no effect without GRPC_TLS=true, or that of a service`)
  }
  if (Boolean(env.EVENTS_WEBHOOK_URL) !== Boolean(env.EVENTS_WEBHOOK_SECRET)) {
    problems.push(
      `EVENTS_WEBHOOK_${env.EVENTS_WEBHOOK_URL ? 'SECRET' : 'URL'} is missing: webhooks need an address, and a secret by which they are signed`,
    )
  }
  if (env.PAYLOAD_ENCRYPTION === 'encode' && !env.PAYLOAD_KEYS_FILE) {
    problems.push('PAYLOAD_KEYS_FILE is missing: PAYLOAD_ENCRYPTION=encode needs a key')
  }
  if (env.RECIPIENTS === 'sealed' && !env.RECIPIENT_KEYS_FILE) {
    problems.push('RECIPIENT_KEYS_FILE is missing: RECIPIENTS=sealed needs a key')
  }
  return problems
}
