import type { Program, Setting } from './setting.ts'
import { pemFile, word, yesOrNo } from './setting-parsers.ts'

/** The services whose connections may have TLS settings of their own, by the names with which their settings begin. */
export const SERVICES = ['GOODS', 'INVENTORY', 'USER'] as const
export type Service = (typeof SERVICES)[number]

interface Optional<R extends readonly Program[], T> extends Setting<T> {
  readBy: R
  optional: true
}

type TlsOf<S extends Service, R extends readonly Program[]> = Record<`${S}_TLS`, Optional<R, boolean>> &
  Record<`${S}_TLS_${'CA_PATH' | 'CERT_PATH' | 'KEY_PATH' | 'SERVER_NAME'}`, Optional<R, string>>

/** The settings of TLS of the connections to one service, each in place of that of all services. */
function tlsOf<const S extends Service, const R extends readonly Program[]>(service: S, readBy: R): TlsOf<S, R> {
  const name = service.toLowerCase()
  const optional = true
  return {
    [`${service}_TLS`]: {
      ...{ readBy, optional },
      meaning: `true: connections to the ${name} service use TLS; false: they do not; without it as GRPC_TLS says`,
      parse: yesOrNo,
    },
    [`${service}_TLS_CA_PATH`]: {
      ...{ readBy, optional },
      meaning: `PEM file of the certificate authorities of the ${name} service, in place of GRPC_TLS_CA_PATH`,
      parse: pemFile,
    },
    [`${service}_TLS_CERT_PATH`]: {
      ...{ readBy, optional },
      meaning: `PEM file of the client certificate for the ${name} service, in place of GRPC_TLS_CERT_PATH`,
      parse: pemFile,
    },
    [`${service}_TLS_KEY_PATH`]: {
      ...{ readBy, optional },
      meaning: `PEM file of the key of the certificate in ${service}_TLS_CERT_PATH`,
      parse: pemFile,
    },
    [`${service}_TLS_SERVER_NAME`]: {
      ...{ readBy, optional },
      meaning: `Name in the certificates of the ${name} service, in place of GRPC_TLS_SERVER_NAME`,
      parse: word,
    },
  } as TlsOf<S, R>
}

/** Settings of TLS of each service, entries of the one table (settings.ts); they are read by whoever calls the service. */
export const SERVICE_TLS_SETTINGS = {
  ...tlsOf('GOODS', ['starter', 'worker', 'orders']),
  ...tlsOf('INVENTORY', ['starter', 'worker', 'orders', 'audit']),
  ...tlsOf('USER', ['worker']),
}
