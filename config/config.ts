import { loadClientConnectConfig } from '@temporalio/envconfig'
import type { Address } from '../clients/address.ts'
import type { ConnectionSettings } from '../clients/connection-settings.ts'
import { TASK_QUEUE } from '../contracts/create-order.ts'
import { type TracesTo, tracesTo } from '../telemetry/traces-to.ts'
import { CONNECTION_SETTINGS, connectionConfig, connectionProblems } from './connection-config.ts'
import { INTAKE_SETTINGS, type IntakeConfig, intakeConfig } from './intake-config.ts'
import {
  address,
  count,
  currency,
  databaseUrl,
  interval,
  inventoryMode,
  LOG_LEVELS,
  type LogLevel,
  logLevel,
  milliseconds,
  readableFile,
  target,
  webUrl,
  word,
  yesOrNo,
} from './setting-parsers.ts'
import { unknownSettings } from './unknown-settings.ts'

/** An environment, as `process.env` has it. */
export type Environment = Record<string, string | undefined>

/** How to reach Temporal, fit for `NativeConnection.connect` and `Connection.lazy` alike. */
export interface TemporalConfig {
  connection: {
    address: string
    apiKey?: string
    metadata?: Record<string, string>
    /** `{}` is TLS with the system's certificate authorities. */
    tls?:
      | boolean
      | { serverNameOverride?: string; serverRootCACertificate?: Buffer; clientCertPair?: { crt: Buffer; key: Buffer } }
  }
  namespace: string
}

export interface WorkerConfig {
  temporal: TemporalConfig
  taskQueue: string
  databaseUrl: string
  goodsTarget: string
  inventoryTarget: string
  userTarget: string
  connection: ConnectionSettings
  /** `keyed`: the inventory honours the order number; `unkeyed`: whatever reaches it is applied once more. */
  inventoryMode: 'keyed' | 'unkeyed'
  /** Calls in a row without an answer that open the circuit breaker of a service. */
  breakerFailures: number
  /** Milliseconds. */
  breakerOpenMs: number
  /** Calls to one service at the same time. */
  serviceMaxInFlight: number
  /** ISO 4217; it has a minor unit. */
  currency: string
  /** Whether goods with the price 0 are sold. */
  freeGoods: boolean
  /** Whether a refusal for want of stock says how many pieces there are. */
  showStockLeft: boolean
  /** Milliseconds. */
  sweepAfterMs: number
  /** File of the bundled workflows. Absent: the worker bundles them itself. */
  workflowBundle?: string
  metricsAddr: Address
  /** Absent: no traces. */
  traces?: TracesTo
  logLevel: LogLevel
}

export interface StarterConfig extends Omit<IntakeConfig, 'hostsWorker'> {
  temporal: TemporalConfig
  taskQueue: string
  databaseUrl: string
  httpAddr: Address
  /** Milliseconds; 0 answers 202 at once. */
  httpWaitMs: number
  inventoryMode: 'keyed' | 'unkeyed'
  /** Where the starter runs a worker itself, beside the lane; never without the lane. */
  worker?: WorkerConfig
  /** Without a slash at its end. */
  temporalUiUrl?: string
  /** Absent: no traces. */
  traces?: TracesTo
  logLevel: LogLevel
}

export interface MigrateConfig {
  databaseUrl: string
}

export interface RegisterConfig {
  temporal: TemporalConfig
  taskQueue: string
  /** Milliseconds. */
  sweepEveryMs: number
  /** Milliseconds. */
  reconcileEveryMs: number
}

export interface OperatorConfig {
  temporal: TemporalConfig
  taskQueue: string
  databaseUrl: string
  inventoryTarget: string
  connection: ConnectionSettings
  inventoryMode: WorkerConfig['inventoryMode']
  /** Milliseconds. */
  sweepAfterMs: number
  /** Without a slash at its end. */
  temporalUiUrl?: string
}

/** Thrown by the loaders with every problem of an environment at once, a line each; it names no secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`the configuration is not valid:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

/** @throws ConfigError */
export function loadWorkerConfig(env: Environment): WorkerConfig {
  return load(env, workerConfig)
}

function workerConfig(setting: ReadSetting, temporal: () => TemporalConfig, traces: TracesTo | undefined): WorkerConfig {
  const workflowBundle = setting('WORKFLOW_BUNDLE')
  return {
    ...(workflowBundle && { workflowBundle }),
    ...(traces && { traces }),
    temporal: temporal(),
    taskQueue: setting('TASK_QUEUE'),
    databaseUrl: setting('DATABASE_URL'),
    goodsTarget: setting('GOODS_TARGET'),
    inventoryTarget: setting('INVENTORY_TARGET'),
    userTarget: setting('USER_TARGET'),
    connection: connectionConfig(setting),
    inventoryMode: setting('INVENTORY_MODE'),
    breakerFailures: setting('BREAKER_FAILURES'),
    breakerOpenMs: setting('BREAKER_OPEN_MS'),
    serviceMaxInFlight: setting('SERVICE_MAX_IN_FLIGHT'),
    currency: setting('CURRENCY'),
    freeGoods: setting('FREE_GOODS'),
    showStockLeft: setting('SHOW_STOCK_LEFT'),
    sweepAfterMs: setting('SWEEP_AFTER_MS'),
    metricsAddr: setting('METRICS_ADDR'),
    logLevel: setting('LOG_LEVEL'),
  }
}

/** @throws ConfigError */
export function loadStarterConfig(env: Environment): StarterConfig {
  return load(env, (setting, temporal, traces) => {
    const temporalUiUrl = setting('TEMPORAL_UI_URL')
    const inventoryMode = setting('INVENTORY_MODE')
    const { hostsWorker, ...intake } = intakeConfig(setting)
    return {
      temporal: temporal(),
      taskQueue: setting('TASK_QUEUE'),
      databaseUrl: setting('DATABASE_URL'),
      httpAddr: setting('HTTP_ADDR'),
      httpWaitMs: setting('HTTP_WAIT_MS'),
      inventoryMode,
      ...intake,
      ...(temporalUiUrl && { temporalUiUrl }),
      ...(traces && { traces }),
      ...(hostsWorker && { worker: workerConfig(setting, temporal, traces) }),
      logLevel: setting('LOG_LEVEL'),
    }
  })
}

/** @throws ConfigError */
export function loadMigrateConfig(env: Environment): MigrateConfig {
  return load(env, (setting) => ({ databaseUrl: setting('DATABASE_URL') }))
}

/** @throws ConfigError */
export function loadRegisterConfig(env: Environment): RegisterConfig {
  return load(env, (setting, temporal) => ({
    temporal: temporal(),
    taskQueue: setting('TASK_QUEUE'),
    sweepEveryMs: setting('SWEEP_EVERY_MS'),
    reconcileEveryMs: setting('RECONCILE_EVERY_MS'),
  }))
}

/** @throws ConfigError */
export function loadOperatorConfig(env: Environment): OperatorConfig {
  return load(env, (setting, temporal) => {
    const temporalUiUrl = setting('TEMPORAL_UI_URL')
    return {
      temporal: temporal(),
      taskQueue: setting('TASK_QUEUE'),
      databaseUrl: setting('DATABASE_URL'),
      inventoryTarget: setting('INVENTORY_TARGET'),
      connection: connectionConfig(setting),
      inventoryMode: setting('INVENTORY_MODE'),
      sweepAfterMs: setting('SWEEP_AFTER_MS'),
      ...(temporalUiUrl && { temporalUiUrl }),
    }
  })
}

/** A database URL fit to be printed: without its password. */
export function printableDatabaseUrl(url: string): string {
  if (!URL.canParse(url)) return 'a text that is no URL'
  const shown = new URL(url)
  if (shown.password) shown.password = '***'
  if (shown.searchParams.has('password')) shown.searchParams.set('password', '***')
  return shown.href
}

export interface Setting<T> {
  /** As one would write it; a setting without it is required, unless it is optional. */
  default?: string
  optional?: true
  meaning: string
  /** @throws Error saying what the text has to be; it repeats the text only where that is no secret. */
  parse: (text: string) => T
}

/** Every setting of ours. One environment may serve all processes: each accepts the settings of the others. */
export const SETTINGS = {
  TASK_QUEUE: { default: TASK_QUEUE, meaning: 'Task queue of the workflows and activities', parse: word },
  DATABASE_URL: { meaning: 'PostgreSQL of the order store: postgres://user:password@host:port/database', parse: databaseUrl },
  GOODS_TARGET: { default: '127.0.0.1:8081', meaning: 'gRPC target of the goods service', parse: target },
  INVENTORY_TARGET: { default: '127.0.0.1:8082', meaning: 'gRPC target of the inventory service', parse: target },
  USER_TARGET: { default: '127.0.0.1:8084', meaning: 'gRPC target of the user service', parse: target },
  ...CONNECTION_SETTINGS,
  INVENTORY_MODE: {
    default: 'keyed',
    meaning: 'keyed: the inventory honours the order number; unkeyed: it does not',
    parse: inventoryMode,
  },
  BREAKER_FAILURES: {
    default: '5',
    meaning: 'Calls in a row without an answer that open the circuit breaker of a service',
    parse: count,
  },
  BREAKER_OPEN_MS: {
    default: '1000',
    meaning:
      'How long it stays open before one call tries; orders wait up to twice as long for a service that is back, many of them up to 10 s more',
    parse: count,
  },
  SERVICE_MAX_IN_FLIGHT: {
    default: '200',
    meaning: 'Calls to one service at the same time; one more fails, and is tried again',
    parse: count,
  },
  CURRENCY: {
    default: 'CNY',
    meaning: "ISO 4217 code of the goods service's prices; amounts are in its minor units",
    parse: currency,
  },
  FREE_GOODS: {
    default: 'false',
    meaning: 'true: goods whose price is 0 are sold for nothing; false: they are refused, as goods without a price have it too',
    parse: yesOrNo,
  },
  SHOW_STOCK_LEFT: {
    default: 'false',
    meaning: 'true: a refusal for want of stock says in left how many pieces there are; for callers who may know',
    parse: yesOrNo,
  },
  HTTP_ADDR: { default: '127.0.0.1:3000', meaning: 'Where the HTTP starter listens', parse: address },
  HTTP_WAIT_MS: {
    default: '10000',
    meaning:
      'How long POST /orders waits for its order before it answers 202; 503 up to 3 s later where it still queues for the lane',
    parse: milliseconds,
  },
  ...INTAKE_SETTINGS,
  SWEEP_AFTER_MS: {
    default: '60000',
    meaning: 'Age at which the sweep settles an order that no open run owns',
    parse: milliseconds,
  },
  SWEEP_EVERY_MS: { default: '30000', meaning: 'Time between two sweeps (npm run register)', parse: interval },
  RECONCILE_EVERY_MS: {
    default: '300000',
    meaning: 'Time between two comparisons of all orders with the inventory (npm run register)',
    parse: interval,
  },
  WORKFLOW_BUNDLE: {
    optional: true,
    meaning: 'File of this very build that npm run build wrote: the worker starts 2 s sooner. With traces it is not used',
    parse: readableFile,
  },
  METRICS_ADDR: { default: '127.0.0.1:9464', meaning: 'Where the worker serves /metrics', parse: address },
  TEMPORAL_UI_URL: { optional: true, meaning: 'Base of the Temporal web UI, for links', parse: webUrl },
  LOG_LEVEL: { default: 'info', meaning: LOG_LEVELS.join(', '), parse: logLevel },
} as const satisfies Record<string, Setting<unknown>>

type SettingName = keyof typeof SETTINGS
type Value<Name extends SettingName> =
  | ReturnType<(typeof SETTINGS)[Name]['parse']>
  | ((typeof SETTINGS)[Name] extends { optional: true } ? undefined : never)

/** Reads one setting; what is wrong with it is told with all other problems. */
export type ReadSetting = <Name extends SettingName>(name: Name) => Value<Name>

function load<T>(
  env: Environment,
  read: (setting: ReadSetting, temporal: () => TemporalConfig, traces: TracesTo | undefined) => T,
): T {
  const problems = [...unknownSettings(env, Object.keys(SETTINGS)), ...connectionProblems(env)]

  function setting<Name extends SettingName>(name: Name): Value<Name> {
    const { default: otherwise, optional, meaning, parse }: Setting<unknown> = SETTINGS[name]
    const text = env[name]?.trim() || otherwise
    if (text === undefined) {
      if (!optional) problems.push(`${name} is missing: ${meaning}`)
      return undefined as Value<Name>
    }
    return attempt(() => parse(text) as Value<Name>, name)
  }

  function attempt<V>(parse: () => V, name: string): V {
    try {
      return parse()
    } catch (error) {
      // Only the first line: a TOML error goes on with lines of the file, which may hold an API key.
      problems.push(`${name} ${(error as Error).message.split('\n')[0]}`)
      return undefined as V
    }
  }

  const traces = attempt(() => tracesTo(env), 'OpenTelemetry:')
  const config = read(
    setting,
    () => {
      problems.push(...temporalProblems(env))
      return attempt(() => temporalConfig(env), 'TEMPORAL_*')
    },
    traces,
  )
  if (problems.length > 0) throw new ConfigError([...new Set(problems)])
  return config
}

function temporalConfig(env: Environment): TemporalConfig {
  const set = Object.entries(env).filter(
    // An empty TEMPORAL_GRPC_META_… takes away what the profile sets; any other empty variable is one that is not set.
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (entry[1] !== '' || entry[0].startsWith('TEMPORAL_GRPC_META_')),
  )
  const { connectionOptions, namespace } = loadClientConnectConfig({
    overrideEnvVars: Object.fromEntries(set),
    configFileStrict: true,
  })
  const { address, apiKey, metadata, tls } = connectionOptions
  return {
    connection: {
      address: address ?? '127.0.0.1:7233',
      ...(typeof apiKey === 'string' && { apiKey }),
      ...(metadata && { metadata: metadata as Record<string, string> }),
      ...(tls != null && { tls: tls as NonNullable<TemporalConfig['connection']['tls']> }),
    },
    namespace: namespace ?? 'default',
  }
}

/** What @temporalio/envconfig takes in silence, to the opposite of what was meant or to no effect. */
function temporalProblems(env: Environment): string[] {
  const problems: string[] = []
  const { TEMPORAL_TLS, TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: unverified } = env
  if (TEMPORAL_TLS && !['true', 'false', '1', '0'].includes(TEMPORAL_TLS)) {
    problems.push(`TEMPORAL_TLS must be true or false, not '${TEMPORAL_TLS}'`)
  }
  if (unverified && unverified !== 'false' && unverified !== '0') {
    problems.push('TEMPORAL_TLS_DISABLE_HOST_VERIFICATION is not supported by the TypeScript SDK: set TEMPORAL_TLS_SERVER_NAME')
  }
  const has = (part: string) => Boolean(env[`TEMPORAL_TLS_CLIENT_${part}_PATH`] || env[`TEMPORAL_TLS_CLIENT_${part}_DATA`])
  if (has('CERT') !== has('KEY') && !env.TEMPORAL_PROFILE && !env.TEMPORAL_CONFIG_FILE) {
    problems.push(`TEMPORAL_TLS_CLIENT_${has('CERT') ? 'KEY' : 'CERT'}_PATH is missing: a client certificate needs both parts`)
  }
  return problems
}
