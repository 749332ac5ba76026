import { TASK_QUEUE } from '../contracts/create-order.ts'
import {
  ARCHIVE_SHARE,
  EVENTS_KEEP_MS,
  ORDER_BUDGET_MS,
  PAY_GRACE_MS,
  PAY_WITHIN_MS,
  RECIPIENTS_KEEP_MS,
  SWEEP_AFTER_MS,
  SWEEP_EVERY_MS,
} from '../contracts/time-budget.ts'
import { AUTH_SETTINGS } from './auth-settings.ts'
import { LIMIT_SETTINGS } from './limit-settings.ts'
import { ORDER_SERVICE_SETTINGS } from './order-service-settings.ts'
import { PAYLOAD_SETTINGS } from './payload-settings.ts'
import { RECIPIENT_SETTINGS } from './recipient-settings.ts'
import { SERVER_TLS_SETTINGS } from './server-tls-settings.ts'
import { CALLERS, SERVICE_CONNECTION_SETTINGS } from './service-connection-settings.ts'
import { SERVICE_TLS_SETTINGS } from './service-tls-settings.ts'
import type { SettingTable } from './setting.ts'
import {
  address,
  addressText,
  breakerOpenTime,
  count,
  currency,
  databaseUrl,
  eventsUrl,
  intake,
  interval,
  inventoryMode,
  keepTime,
  LOG_LEVELS,
  logFormat,
  logLevel,
  longTime,
  milliseconds,
  mysqlAddress,
  oftenEnough,
  percentage,
  readableFile,
  resolveProposed,
  roleName,
  secretWord,
  seed,
  sweepAge,
  target,
  webhookSecret,
  webUrl,
  word,
  yesOrNo,
} from './setting-parsers.ts'

/** The processes that keep or look at orders while the shop is open, and hence log. */
const SERVERS = ['starter', 'worker', 'codec', 'goods', 'inventory', 'user'] as const

/**
 * Every setting of ours, written once: the properties and types of the programs' configurations, parsing, docs/settings.md and
 * the hints for unknown settings follow from this table. A setting is added by an entry here and `npm run settings`.
 * One environment may serve all programs: each accepts the settings of the others.
 */
export const SETTINGS = {
  TASK_QUEUE: {
    readBy: ['starter', 'worker', 'register', 'orders'],
    default: TASK_QUEUE,
    meaning: 'Temporal task queue of the workflows and activities',
    parse: word,
  },
  DATABASE_URL: {
    readBy: ['starter', 'worker', 'migrate', 'orders', 'import'],
    secret: true,
    meaning: 'PostgreSQL database of the order store, as postgres://user:password@host:port/database',
    parse: databaseUrl,
  },
  DATABASE_APP_ROLE: {
    readBy: ['migrate'],
    optional: true,
    meaning:
      'Role of PostgreSQL to which migrate gives the rights of starters and workers: no change of tables, none of the audit trail (docs/production.md)',
    parse: roleName,
  },
  DATABASE_OPERATOR_ROLE: {
    readBy: ['migrate'],
    optional: true,
    meaning: 'Role of PostgreSQL to which migrate gives the rights of npm run orders (docs/production.md)',
    parse: roleName,
  },
  ORDERS_TOKEN: {
    readBy: ['orders --server'],
    optional: true,
    secret: true,
    meaning: 'Token with the scope orders:operate, by which npm run orders -- --server asks a starter (docs/operators.md)',
    parse: secretWord,
  },
  REQUIRE_TLS: {
    readBy: ['starter', 'worker', 'codec', 'migrate', 'register', 'orders', 'import', 'audit', 'goods', 'inventory', 'user'],
    default: 'false',
    meaning: 'true: a link beyond this machine that is not encrypted is refused at the start (docs/production.md)',
    parse: yesOrNo,
  },
  IMPORT_FROM: {
    readBy: ['import', 'audit'],
    optional: true,
    secret: true,
    meaning:
      'MySQL database of the service that this one replaces, if --from does not name it, as mysql://user:password@host:port/database',
    parse: mysqlAddress,
  },
  IMPORT_INVENTORY: {
    readBy: ['audit'],
    optional: true,
    secret: true,
    meaning:
      "MySQL database of that service's inventory, if --inventory does not name it; without both INVENTORY_TARGET is asked",
    parse: mysqlAddress,
  },
  GOODS_TARGET: {
    readBy: ['starter', 'worker', 'orders'],
    default: '127.0.0.1:8081',
    meaning: 'gRPC target of the goods service',
    parse: target,
  },
  INVENTORY_TARGET: {
    readBy: ['starter', ...CALLERS, 'audit'],
    default: '127.0.0.1:8082',
    meaning: 'gRPC target of the inventory service',
    parse: target,
  },
  USER_TARGET: { readBy: ['worker'], default: '127.0.0.1:8084', meaning: 'gRPC target of the user service', parse: target },
  ...SERVICE_CONNECTION_SETTINGS,
  ...SERVICE_TLS_SETTINGS,
  INVENTORY_MODE: {
    readBy: ['starter', 'worker', 'orders', 'inventory'],
    default: 'keyed',
    meaning: 'keyed: the inventory applies Sell and Reback once for each order number; unkeyed: it applies whatever reaches it',
    parse: inventoryMode,
  },
  BREAKER_FAILURES: {
    readBy: ['starter', 'worker'],
    default: '5',
    meaning: 'Number of calls in a row without an answer that open the circuit breaker of a service',
    parse: count,
  },
  BREAKER_OPEN_MS: {
    readBy: ['starter', 'worker'],
    default: '1000',
    meaning:
      'Time that a circuit breaker stays open before one call tries; orders wait up to twice as long for a service that is back, many of them up to 10 s more',
    parse: breakerOpenTime,
  },
  SERVICE_MAX_IN_FLIGHT: {
    readBy: ['starter', 'worker'],
    default: '200',
    meaning: 'Maximum number of calls to one service at the same time; one more fails, and is tried again',
    parse: count,
  },
  CURRENCY: {
    readBy: ['starter', 'worker', 'goods', 'import', 'orders'],
    default: 'CNY',
    meaning: 'ISO 4217 code of the prices of the goods service; amounts are in its minor units',
    parse: currency,
  },
  FREE_GOODS: {
    readBy: ['starter', 'worker', 'orders'],
    default: 'false',
    meaning:
      'true: goods whose price is 0 are sold for nothing; false: they are refused, because goods without a price have that price too',
    parse: yesOrNo,
  },
  SHOW_STOCK_LEFT: {
    readBy: ['worker'],
    default: 'false',
    meaning: 'true: a refusal for want of stock says in left how many pieces there are; for callers who may know that',
    parse: yesOrNo,
  },
  HTTP_ADDR: {
    readBy: ['starter'],
    default: '127.0.0.1:3000',
    meaning: 'Address at which the starter takes HTTP requests',
    parse: address,
  },
  ...SERVER_TLS_SETTINGS,
  ...AUTH_SETTINGS,
  ...ORDER_SERVICE_SETTINGS,
  HTTP_WAIT_MS: {
    readBy: ['starter'],
    default: '10000',
    meaning:
      'Time that POST /orders waits for its order before it answers 202; 503 up to 3 s later if the order still queues for the lane',
    parse: milliseconds,
  },
  HTTP_MAX_CONNECTIONS: {
    readBy: ['starter'],
    default: '2500',
    meaning: 'Maximum number of connections to one starter at the same time; one more is closed unheard',
    parse: count,
  },
  HTTP_REQUEST_TIMEOUT_MS: {
    readBy: ['starter'],
    default: '10000',
    meaning:
      'Time within which a request has to arrive whole, its head within at most 5000; a later one is answered 400, and its connection closed',
    parse: oftenEnough,
  },
  ...LIMIT_SETTINGS,
  INTAKE: {
    readBy: ['starter'],
    default: 'lane',
    meaning: 'lane: orders that arrive together share a run; single: each order has a run of its own',
    parse: intake,
  },
  INTAKE_MAX_IN_FLIGHT: {
    readBy: ['starter'],
    default: '1',
    meaning: 'Maximum number of batches of the lane whose callers wait at the same time',
    parse: count,
  },
  INTAKE_MAX_QUEUE: {
    readBy: ['starter'],
    default: '2000',
    meaning: 'Maximum number of orders that wait for the lane; one more is answered 503',
    parse: count,
  },
  INTAKE_MAX_UNSETTLED: {
    readBy: ['starter'],
    default: '500',
    meaning:
      'Number of orders unsettled for 3 s (those in the store, of all starters, and those of this starter without a row) from which on new ones are answered 503',
    parse: count,
  },
  STARTER_WORKER: {
    readBy: ['starter'],
    default: 'true',
    meaning: 'true: under INTAKE=lane the starter runs a worker itself, and reads the settings of a worker too',
    parse: yesOrNo,
  },
  PAY_WITHIN_MS: {
    readBy: ['starter', 'worker', 'orders'],
    default: String(PAY_WITHIN_MS),
    meaning: 'Time from the confirmation of an order to its payDeadline; an order keeps the deadline with which it was confirmed',
    parse: longTime,
  },
  PAY_GRACE_MS: {
    readBy: ['starter', 'worker', 'orders'],
    default: String(PAY_GRACE_MS),
    meaning: 'Time after its payDeadline at which an unpaid order is closed, for payments that are reported late',
    parse: longTime,
  },
  RECIPIENTS_KEEP_MS: {
    readBy: ['worker'],
    default: String(RECIPIENTS_KEEP_MS),
    meaning:
      'Time after which a closed or finished order no longer names its recipient and note; a refused one keeps none (docs/personal-data.md)',
    parse: keepTime,
  },
  ARCHIVE_AFTER_MS: {
    readBy: ['worker'],
    optional: true,
    meaning:
      'Time since its last change after which an order that is over moves into the archive, where everything still finds it; without it none does. Set it when every build is of this release (docs/maintenance.md)',
    parse: keepTime,
  },
  ARCHIVE_SHARE: {
    readBy: ['worker'],
    default: String(ARCHIVE_SHARE),
    meaning: 'Percentage of the time for which the store may be moving old orders into the archive: a rest follows each batch',
    parse: percentage,
  },
  EVENTS_WEBHOOK_URL: {
    readBy: ['worker'],
    optional: true,
    secret: true,
    meaning: 'Address to which every event of an order is posted; without it events are in the feed alone (docs/events.md)',
    parse: eventsUrl,
  },
  EVENTS_WEBHOOK_SECRET: {
    readBy: ['worker'],
    optional: true,
    secret: true,
    meaning: 'Secret by which the webhooks are signed, as Standard Webhooks has it: whsec_ and 24 to 64 bytes in base64',
    parse: webhookSecret,
  },
  EVENTS_KEEP_MS: {
    readBy: ['worker'],
    default: String(EVENTS_KEEP_MS),
    meaning: 'Time for which events are kept; with a webhook one that was not delivered is kept longer',
    parse: longTime,
  },
  SWEEP_AFTER_MS: {
    readBy: ['starter', ...CALLERS],
    default: String(SWEEP_AFTER_MS),
    meaning: `Age at which the sweep settles an order that no open run owns, above the ${ORDER_BUDGET_MS} that its own run may take`,
    parse: sweepAge,
  },
  SWEEP_EVERY_MS: { readBy: ['register'], default: String(SWEEP_EVERY_MS), meaning: 'Time between two sweeps', parse: interval },
  RECONCILE_EVERY_MS: {
    readBy: ['register'],
    default: '300000',
    meaning: 'Time between two comparisons of all orders with the inventory',
    parse: interval,
  },
  RESOLVE_PROPOSED: {
    readBy: ['worker'],
    default: 'off',
    meaning:
      'auto: the comparison with the inventory settles the orders in doubt that the stock of their goods decides; only if nobody but orders moves stock. off: an operator does, by orders resolve --proposed',
    parse: resolveProposed,
  },
  WORKFLOW_BUNDLE: {
    readBy: ['worker'],
    optional: true,
    meaning:
      'File that npm run build of this very build wrote, with which the worker starts 2 s sooner; those beside it are for PAYLOAD_ENCRYPTION=encode and for traces',
    parse: readableFile,
  },
  ...PAYLOAD_SETTINGS,
  ...RECIPIENT_SETTINGS,
  METRICS_ADDR: {
    readBy: ['worker'],
    default: '127.0.0.1:9464',
    meaning: 'Address at which the worker serves /metrics and /readyz',
    parse: address,
  },
  TEMPORAL_UI_URL: {
    readBy: ['starter', 'orders', 'codec'],
    optional: true,
    meaning:
      'Address of the Temporal web UI, for links to the runs of orders, and as the only page that may ask the codec server',
    parse: webUrl,
  },
  LOG_LEVEL: {
    readBy: SERVERS,
    default: 'info',
    meaning: `Least severe level that is logged: ${LOG_LEVELS.join(', ')}`,
    parse: logLevel,
  },
  LOG_FORMAT: {
    readBy: SERVERS,
    default: 'iso',
    meaning:
      "iso: a log line has its time in ISO 8601 and its level by name; pino: both are numbers, as pino's own tools have them by default",
    parse: logFormat,
  },
  GOODS_ADDR: {
    readBy: ['goods'],
    default: '127.0.0.1:8081',
    meaning: 'Address at which the reference goods service listens',
    parse: addressText,
  },
  INVENTORY_ADDR: {
    readBy: ['inventory'],
    default: '127.0.0.1:8082',
    meaning: 'Address at which the reference inventory service listens',
    parse: addressText,
  },
  USER_ADDR: {
    readBy: ['user'],
    default: '127.0.0.1:8084',
    meaning: 'Address at which the reference user service listens',
    parse: addressText,
  },
  INVENTORY_DATABASE_URL: {
    readBy: ['inventory'],
    secret: true,
    meaning: 'PostgreSQL database of the reference inventory, as postgres://user:password@host:port/database',
    parse: databaseUrl,
  },
  INVENTORY_FAULT_SEED: {
    readBy: ['inventory'],
    optional: true,
    meaning: 'Seed of the faults that 5 % of the calls to the reference inventory meet under INVENTORY_MODE=unkeyed',
    parse: seed,
  },
} as const satisfies SettingTable
