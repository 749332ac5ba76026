import { CONNECTION_DEFAULTS } from '../clients/connection-settings.ts'
import type { SettingTable } from './setting.ts'
import { byteCount, healthInterval, milliseconds, oftenEnough, pemFile, secretWord, word, yesOrNo } from './setting-parsers.ts'

/** The processes that call the inventory alone, or all services. */
export const CALLERS = ['worker', 'orders'] as const
/** The same with the starter, which asks the goods service for carts, and the audit, which asks for the stock. */
const CALLERS_OF_ANY = ['starter', ...CALLERS, 'audit'] as const

/** Settings of the connections to the services and to Consul, entries of the one table (settings.ts). */
export const SERVICE_CONNECTION_SETTINGS = {
  GRPC_KEEPALIVE_TIME_MS: {
    readBy: CALLERS_OF_ANY,
    default: String(CONNECTION_DEFAULTS.keepaliveTimeMs),
    meaning:
      'Time between two pings of a connection to a service; 0 sends none, 300000 suits Go servers with their default limit',
    parse: milliseconds,
  },
  GRPC_KEEPALIVE_TIMEOUT_MS: {
    readBy: CALLERS_OF_ANY,
    default: String(CONNECTION_DEFAULTS.keepaliveTimeoutMs),
    meaning: 'Time that a ping may go unanswered before the connection to a service counts as dead',
    parse: milliseconds,
  },
  GRPC_KEEPALIVE_WITHOUT_CALLS: {
    readBy: CALLERS_OF_ANY,
    default: String(CONNECTION_DEFAULTS.keepaliveWithoutCalls),
    meaning: 'true: connections to the services are pinged also while no call is under way',
    parse: yesOrNo,
  },
  GRPC_MAX_MESSAGE_BYTES: {
    readBy: CALLERS_OF_ANY,
    default: String(CONNECTION_DEFAULTS.maxMessageBytes),
    meaning: 'Maximum size of a gRPC message, sent or received',
    parse: byteCount,
  },
  GRPC_RESOLVE_EVERY_MS: {
    readBy: CALLERS_OF_ANY,
    default: String(CONNECTION_DEFAULTS.resolveEveryMs),
    meaning: 'Time between two lookups of a host name in the target of a service',
    parse: oftenEnough,
  },
  GRPC_HEALTH_EVERY_MS: {
    readBy: CALLERS_OF_ANY,
    default: String(CONNECTION_DEFAULTS.healthEveryMs),
    meaning: "Time between two health checks of a service's backend (grpc.health.v1), at least 3000; 0 checks none",
    parse: healthInterval,
  },
  GRPC_TLS: { readBy: CALLERS_OF_ANY, default: 'false', meaning: 'true: connections to the services use TLS', parse: yesOrNo },
  GRPC_TLS_CA_PATH: {
    readBy: CALLERS_OF_ANY,
    optional: true,
    meaning: "PEM file of the certificate authorities of the services, in place of the system's",
    parse: pemFile,
  },
  GRPC_TLS_CERT_PATH: {
    readBy: CALLERS_OF_ANY,
    optional: true,
    meaning: 'PEM file of the client certificate for services that ask for one (mTLS)',
    parse: pemFile,
  },
  GRPC_TLS_KEY_PATH: {
    readBy: CALLERS_OF_ANY,
    optional: true,
    meaning: 'PEM file of the key of the client certificate',
    parse: pemFile,
  },
  GRPC_TLS_SERVER_NAME: {
    readBy: CALLERS_OF_ANY,
    optional: true,
    meaning: "Name in the certificates of the services, if it is not their target's",
    parse: word,
  },
  CONSUL_HTTP_TOKEN: {
    readBy: CALLERS_OF_ANY,
    optional: true,
    secret: true,
    meaning: "Token for Consul's access control, for consul:// and consuls:// targets and CONSUL_REGISTER",
    parse: secretWord,
  },
  CONSUL_CACERT: {
    readBy: CALLERS_OF_ANY,
    optional: true,
    meaning: "PEM file of the certificate authorities of Consul agents over HTTPS (consuls://), in place of the system's",
    parse: pemFile,
  },
} as const satisfies SettingTable
