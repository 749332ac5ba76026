import type { SettingTable } from './setting.ts'
import { networks, ratePerSecond } from './setting-parsers.ts'

/** Settings of what one caller may send, entries of the one table (settings.ts). */
export const LIMIT_SETTINGS = {
  CALLER_REQUESTS_PER_S: {
    readBy: ['starter'],
    default: '0',
    meaning:
      'Maximum number of requests a second of one customer, or of one address if callers are not known, to one starter over HTTP and gRPC together; one more is answered 429; 0: any number',
    parse: ratePerSecond,
  },
  SERVICE_REQUESTS_PER_S: {
    readBy: ['starter'],
    default: '0',
    meaning: 'The same of one service, and of one proxy that does not say for whom it speaks; 0: any number',
    parse: ratePerSecond,
  },
  TRUSTED_PROXIES: {
    readBy: ['starter'],
    optional: true,
    meaning:
      'Addresses and networks, with commas between them, of the proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8; without it nobody is',
    parse: networks,
  },
} as const satisfies SettingTable
