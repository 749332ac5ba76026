import type { SettingTable } from './setting.ts'
import { addressTextOrOff, advertisedAddress, cap, consulService, count, pemFile } from './setting-parsers.ts'

/** Settings of the door over gRPC, entries of the one table (settings.ts). */
export const ORDER_SERVICE_SETTINGS = {
  GRPC_ADDR: {
    readBy: ['starter'],
    default: '127.0.0.1:50053',
    meaning: 'Address at which the starter serves OrderService over gRPC (docs/grpc.md); off: it does not',
    parse: addressTextOrOff,
  },
  GRPC_MAX_CALLS: {
    readBy: ['starter'],
    default: '2500',
    meaning: 'Maximum number of calls of OrderService that one starter serves at the same time; one more is answered UNAVAILABLE',
    parse: count,
  },
  GRPC_MAX_CONNECTIONS_PER_ADDRESS: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'Maximum number of connections of one address (of IPv6 its /64) to OrderService of one starter at the same time, those of TRUSTED_PROXIES aside; one more is closed unheard; 0: any number; without it 500 with AUTH=jwt, 0 otherwise',
    parse: cap,
  },
  GRPC_SERVER_CERT_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning: 'PEM file of the certificate of OrderService, with which its connections use TLS',
    parse: pemFile,
  },
  GRPC_SERVER_KEY_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning: 'PEM file of the key of that certificate',
    parse: pemFile,
  },
  GRPC_SERVER_CLIENT_CA_PATH: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'PEM file of the certificate authorities of the callers of OrderService: a caller without a certificate of theirs is refused (mTLS)',
    parse: pemFile,
  },
  CONSUL_REGISTER: {
    readBy: ['starter'],
    optional: true,
    meaning: 'Service in Consul as which OrderService is registered, as consul://agent:8500/order_srv; without it it is not',
    parse: consulService,
  },
  GRPC_ADVERTISE: {
    readBy: ['starter'],
    optional: true,
    meaning: 'Address of OrderService in Consul, if others reach it at another than GRPC_ADDR',
    parse: advertisedAddress,
  },
} as const satisfies SettingTable
