import type { SettingTable } from './setting.ts'
import { cap, networks, ratePerSecond } from './setting-parsers.ts'

/** Settings of what one caller may send, entries of the one table (settings.ts). */
export const LIMIT_SETTINGS = {
  CALLER_REQUESTS_PER_S: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'Maximum number of requests a second of one customer, or of one address if callers are not known, to one starter over HTTP and gRPC together; one more is answered 429; 0: any number; without it 50, with AUTH=off 0',
    parse: ratePerSecond,
  },
  SERVICE_REQUESTS_PER_S: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'Maximum number of requests a second of one service, and of one proxy that does not say for whom it speaks; 0: any number; without it 1000, with AUTH=off 0',
    parse: ratePerSecond,
  },
  HTTP_MAX_CONNECTIONS_PER_ADDRESS: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'Maximum number of connections of one address (of IPv6 its /64) to one starter at the same time, those of TRUSTED_PROXIES aside; one more is closed unheard; 0: any number; without it 500 with AUTH=jwt, 0 otherwise',
    parse: cap,
  },
  TRUSTED_PROXIES: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'Addresses and networks, with commas between them, of the proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8; without it nobody is',
    parse: networks,
  },
  USER_MAX_UNPAID_ORDERS: {
    readBy: ['starter', 'worker'],
    default: '0',
    meaning:
      'Maximum number of unpaid orders of one user, those that are being created included; one more is refused; 0: any number',
    parse: cap,
  },
  USER_MAX_UNPAID_VALUE: {
    readBy: ['starter', 'worker'],
    default: '0',
    meaning:
      'Maximum value of the unpaid orders of one user, in minor units of CURRENCY; an order that would exceed it is refused, and each one once it is reached; 0: any value',
    parse: cap,
  },
  USER_MAX_UNPAID_PIECES: {
    readBy: ['starter', 'worker'],
    default: '0',
    meaning: 'Maximum number of pieces, of all goods together, in the unpaid orders of one user; 0: any number',
    parse: cap,
  },
} as const satisfies SettingTable
