import type { TlsPaths } from '../tls/tls-files.ts'
import type { ValuesFor } from './setting.ts'
import type { SETTINGS } from './settings.ts'

type Values = ValuesFor<typeof SETTINGS, 'starter'>

/** The settings that say how OrderService is served, as properties. */
export type NamedInOrderService = Extract<keyof Values, `grpcServer${string}` | 'grpcAddr' | 'grpcMaxCalls'>

/** The door over gRPC. */
export interface OrderServiceConfig {
  /** `host:port` */
  address: string
  maxCalls: number
  /** Files of the certificates; absent: connections are not encrypted. */
  tls?: TlsPaths
}

/** The values of settings, with those of the door over gRPC as one `orderService`; without it if there is to be none. */
export function orderServiceConfig<V extends Pick<Values, NamedInOrderService>>(
  values: V,
): Omit<V, NamedInOrderService> & { orderService?: OrderServiceConfig } {
  const {
    grpcAddr: address,
    grpcMaxCalls: maxCalls,
    grpcServerCertPath: cert,
    grpcServerKeyPath: key,
    grpcServerClientCaPath: ca,
    ...others
  } = values
  if (address === undefined) return others
  const tls = cert && key && { cert, key, ...(ca && { ca }) }
  return { ...others, orderService: { address, maxCalls, ...(tls && { tls }) } }
}
