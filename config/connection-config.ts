import type { ConnectionSettings } from '../clients/connection-settings.ts'
import type { Environment, ValuesFor } from './setting.ts'
import type { SETTINGS } from './settings.ts'

type Values = ValuesFor<typeof SETTINGS, 'orders'>

/** The settings that say how the services are reached, as properties. */
export type NamedInConnection = Extract<keyof Values, `grpc${string}` | 'consulHttpToken' | 'consulCacert'>

/** The values of settings, with those of the connections to the services as one `connection`. */
export function connectionConfig<V extends Pick<Values, NamedInConnection>>(
  values: V,
): Omit<V, NamedInConnection> & { connection: ConnectionSettings } {
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
  const tls = { ...(ca && { ca }), ...(cert && key && { cert, key }), ...(serverName && { serverName }) }
  return {
    ...others,
    connection: {
      keepaliveTimeMs,
      keepaliveTimeoutMs,
      keepaliveWithoutCalls,
      maxMessageBytes,
      resolveEveryMs,
      healthEveryMs,
      ...(grpcTls && { tls }),
      ...((token || consulCa) && { consul: { ...(token && { token }), ...(consulCa && { ca: consulCa }) } }),
    },
  }
}

/** Settings that are right alone, and wrong together. */
export function connectionProblems(env: Environment): string[] {
  const { GRPC_TLS, GRPC_TLS_CERT_PATH, GRPC_TLS_KEY_PATH } = env
  const problems: string[] = []
  if (Boolean(GRPC_TLS_CERT_PATH) !== Boolean(GRPC_TLS_KEY_PATH)) {
    problems.push(`GRPC_TLS_${GRPC_TLS_CERT_PATH ? 'KEY' : 'CERT'}_PATH is missing: a client certificate needs both parts`)
  }
  for (const name of ['GRPC_TLS_CA_PATH', 'GRPC_TLS_CERT_PATH', 'GRPC_TLS_SERVER_NAME']) {
    if (env[name] && GRPC_TLS !== 'true') problems.push(`${name} has no effect without GRPC_TLS=true`)
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
