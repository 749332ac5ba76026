import type { SETTINGS } from './settings.ts'

/** The address of each server of ours: the setting that names it, and the beginning of the names of its settings of TLS. */
export const TLS_OF_SERVERS = {
  HTTP_ADDR: 'HTTP_TLS',
  GRPC_ADDR: 'GRPC_SERVER',
  OPERATIONS_ADDR: 'OPERATIONS_TLS',
  METRICS_ADDR: 'METRICS_TLS',
  CODEC_ADDR: 'CODEC_TLS',
  GOODS_ADDR: 'SERVICES_TLS',
  INVENTORY_ADDR: 'SERVICES_TLS',
  USER_ADDR: 'SERVICES_TLS',
} as const satisfies Partial<Record<keyof typeof SETTINGS, string>>
