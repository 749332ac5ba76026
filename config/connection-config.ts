import { CONNECTION_DEFAULTS, type ConnectionSettings } from '../clients/connection-settings.ts'
import type { Environment, ReadSetting, Setting } from './config.ts'
import { byteCount, milliseconds, oftenEnough, pemFile, word, yesOrNo } from './setting-parsers.ts'

/** How the services are reached; part of config/config.ts's SETTINGS. */
export const CONNECTION_SETTINGS = {
  GRPC_KEEPALIVE_TIME_MS: {
    default: String(CONNECTION_DEFAULTS.keepaliveTimeMs),
    meaning: 'Between two pings of a connection to a service; 0 for none, 300000 suits Go servers with their default limit',
    parse: milliseconds,
  },
  GRPC_KEEPALIVE_TIMEOUT_MS: {
    default: String(CONNECTION_DEFAULTS.keepaliveTimeoutMs),
    meaning: 'How long a ping may go unanswered before the connection counts as dead',
    parse: milliseconds,
  },
  GRPC_KEEPALIVE_WITHOUT_CALLS: {
    default: String(CONNECTION_DEFAULTS.keepaliveWithoutCalls),
    meaning: 'Whether pings are sent while no call is under way',
    parse: yesOrNo,
  },
  GRPC_MAX_MESSAGE_BYTES: {
    default: String(CONNECTION_DEFAULTS.maxMessageBytes),
    meaning: 'Of one gRPC message, either way',
    parse: byteCount,
  },
  GRPC_RESOLVE_EVERY_MS: {
    default: String(CONNECTION_DEFAULTS.resolveEveryMs),
    meaning: 'Between two lookups of a host name in a target',
    parse: oftenEnough,
  },
  GRPC_HEALTH_EVERY_MS: {
    default: String(CONNECTION_DEFAULTS.healthEveryMs),
    meaning: 'Between two health checks of a backend (grpc.health.v1, at least 3000); 0 for none',
    parse: milliseconds,
  },
  GRPC_TLS: { default: 'false', meaning: 'true: TLS to the services', parse: yesOrNo },
  GRPC_TLS_CA_PATH: {
    optional: true,
    meaning: "PEM file of their certificate authorities, in place of the system's",
    parse: pemFile,
  },
  GRPC_TLS_CERT_PATH: {
    optional: true,
    meaning: 'PEM file of our certificate, for services that ask for one (mTLS)',
    parse: pemFile,
  },
  GRPC_TLS_KEY_PATH: { optional: true, meaning: 'PEM file of its key', parse: pemFile },
  GRPC_TLS_SERVER_NAME: {
    optional: true,
    meaning: "Name in the services' certificates, where it is not the target's",
    parse: word,
  },
  CONSUL_HTTP_TOKEN: { optional: true, meaning: "Token of Consul's access control, for consul:// targets", parse: word },
} as const satisfies Record<string, Setting<unknown>>

export function connectionConfig(setting: ReadSetting): ConnectionSettings {
  const ca = setting('GRPC_TLS_CA_PATH')
  const cert = setting('GRPC_TLS_CERT_PATH')
  const key = setting('GRPC_TLS_KEY_PATH')
  const serverName = setting('GRPC_TLS_SERVER_NAME')
  const consulToken = setting('CONSUL_HTTP_TOKEN')
  return {
    keepaliveTimeMs: setting('GRPC_KEEPALIVE_TIME_MS'),
    keepaliveTimeoutMs: setting('GRPC_KEEPALIVE_TIMEOUT_MS'),
    keepaliveWithoutCalls: setting('GRPC_KEEPALIVE_WITHOUT_CALLS'),
    maxMessageBytes: setting('GRPC_MAX_MESSAGE_BYTES'),
    resolveEveryMs: setting('GRPC_RESOLVE_EVERY_MS'),
    healthEveryMs: setting('GRPC_HEALTH_EVERY_MS'),
    ...(setting('GRPC_TLS') && {
      tls: { ...(ca && { ca }), ...(cert && key && { identity: { cert, key } }), ...(serverName && { serverName }) },
    }),
    ...(consulToken && { consulToken }),
  }
}

/** What is right in each setting alone, and wrong together. */
export function connectionProblems(env: Environment): string[] {
  const { GRPC_TLS, GRPC_TLS_CERT_PATH, GRPC_TLS_KEY_PATH } = env
  const problems: string[] = []
  if (Boolean(GRPC_TLS_CERT_PATH) !== Boolean(GRPC_TLS_KEY_PATH)) {
    problems.push(`GRPC_TLS_${GRPC_TLS_CERT_PATH ? 'KEY' : 'CERT'}_PATH is missing: a client certificate needs both parts`)
  }
  for (const name of ['GRPC_TLS_CA_PATH', 'GRPC_TLS_CERT_PATH', 'GRPC_TLS_SERVER_NAME']) {
    if (env[name] && GRPC_TLS !== 'true') problems.push(`${name} has no effect without GRPC_TLS=true`)
  }
  return problems
}
