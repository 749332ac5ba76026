import { loadClientConnectConfig } from '@temporalio/envconfig'
import { TASK_QUEUE } from './contracts/create-order.ts'
import { unknownSettings } from './unknown-settings.ts'

/** An environment, as `process.env` has it. */
export type Environment = Record<string, string | undefined>

/** Where a server listens; port 0 takes a free one. */
export interface Address {
  host: string
  port: number
}

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

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export interface WorkerConfig {
  temporal: TemporalConfig
  taskQueue: string
  databaseUrl: string
  goodsTarget: string
  inventoryTarget: string
  userTarget: string
  inventoryMode: 'keyed'
  /** ISO 4217. */
  currency: string
  /** Milliseconds. */
  sweepAfterMs: number
  metricsAddr: Address
  logLevel: LogLevel
}

export interface StarterConfig {
  temporal: TemporalConfig
  taskQueue: string
  databaseUrl: string
  /** ISO 4217. */
  currency: string
  httpAddr: Address
  /** Milliseconds; 0 answers 202 at once. */
  httpWaitMs: number
  /** `single`: a run for each request; `lane`: requests that arrive together share one. */
  intake: 'single' | 'lane'
  /** Batches of the lane under way at the same time. */
  intakeMaxInFlight: number
  /** Requests that wait for the lane; one more is answered 503. */
  intakeMaxQueue: number
  /** Where the starter runs a worker itself, beside the lane. */
  worker?: WorkerConfig
  /** Without a slash at its end. */
  temporalUiUrl?: string
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

function workerConfig(setting: ReadSetting, temporal: () => TemporalConfig): WorkerConfig {
  return {
    temporal: temporal(),
    taskQueue: setting('TASK_QUEUE'),
    databaseUrl: setting('DATABASE_URL'),
    goodsTarget: setting('GOODS_TARGET'),
    inventoryTarget: setting('INVENTORY_TARGET'),
    userTarget: setting('USER_TARGET'),
    inventoryMode: setting('INVENTORY_MODE'),
    currency: setting('CURRENCY'),
    sweepAfterMs: setting('SWEEP_AFTER_MS'),
    metricsAddr: setting('METRICS_ADDR'),
    logLevel: setting('LOG_LEVEL'),
  }
}

/** @throws ConfigError */
export function loadStarterConfig(env: Environment): StarterConfig {
  return load(env, (setting, temporal) => {
    const temporalUiUrl = setting('TEMPORAL_UI_URL')
    const hostsWorker = setting('STARTER_WORKER')
    return {
      temporal: temporal(),
      taskQueue: setting('TASK_QUEUE'),
      databaseUrl: setting('DATABASE_URL'),
      currency: setting('CURRENCY'),
      httpAddr: setting('HTTP_ADDR'),
      httpWaitMs: setting('HTTP_WAIT_MS'),
      intake: setting('INTAKE'),
      intakeMaxInFlight: setting('INTAKE_MAX_IN_FLIGHT'),
      intakeMaxQueue: setting('INTAKE_MAX_QUEUE'),
      ...(temporalUiUrl && { temporalUiUrl }),
      ...(hostsWorker && { worker: workerConfig(setting, temporal) }),
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
  }))
}

/** A database URL fit to be printed: without its password. */
export function printableDatabaseUrl(url: string): string {
  if (!URL.canParse(url)) return 'a text that is no URL'
  const shown = new URL(url)
  if (shown.password) shown.password = '***'
  if (shown.searchParams.has('password')) shown.searchParams.set('password', '***')
  return shown.href
}

interface Setting<T> {
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
  INVENTORY_MODE: { default: 'keyed', meaning: 'keyed: the inventory honours the order number', parse: inventoryMode },
  CURRENCY: { default: 'CNY', meaning: 'ISO 4217 code of every price', parse: currency },
  HTTP_ADDR: { default: '127.0.0.1:3000', meaning: 'Where the HTTP starter listens', parse: address },
  HTTP_WAIT_MS: {
    default: '10000',
    meaning: 'How long POST /orders waits for its order before it answers 202',
    parse: milliseconds,
  },
  INTAKE: {
    default: 'single',
    meaning: 'single: a run for each order; lane: orders that arrive together share one',
    parse: intake,
  },
  INTAKE_MAX_IN_FLIGHT: { default: '2', meaning: 'Batches of the lane under way at the same time', parse: count },
  INTAKE_MAX_QUEUE: { default: '2000', meaning: 'Orders that may wait for the lane; one more is answered 503', parse: count },
  STARTER_WORKER: { default: 'false', meaning: 'true: the starter runs a worker itself, for INTAKE=lane', parse: yesOrNo },
  SWEEP_AFTER_MS: {
    default: '60000',
    meaning: 'Age at which the sweep settles an order that no open run owns',
    parse: milliseconds,
  },
  SWEEP_EVERY_MS: { default: '30000', meaning: 'Time between two sweeps (npm run register)', parse: interval },
  METRICS_ADDR: { default: '127.0.0.1:9464', meaning: 'Where the worker serves /metrics', parse: address },
  TEMPORAL_UI_URL: { optional: true, meaning: 'Base of the Temporal web UI, for links', parse: webUrl },
  LOG_LEVEL: { default: 'info', meaning: LOG_LEVELS.join(', '), parse: logLevel },
} as const satisfies Record<string, Setting<unknown>>

type SettingName = keyof typeof SETTINGS
type Value<Name extends SettingName> =
  | ReturnType<(typeof SETTINGS)[Name]['parse']>
  | ((typeof SETTINGS)[Name] extends { optional: true } ? undefined : never)

type ReadSetting = <Name extends SettingName>(name: Name) => Value<Name>

function load<T>(env: Environment, read: (setting: ReadSetting, temporal: () => TemporalConfig) => T): T {
  const problems = unknownSettings(env, Object.keys(SETTINGS))

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

  const config = read(setting, () => {
    problems.push(...temporalProblems(env))
    return attempt(() => temporalConfig(env), 'TEMPORAL_*')
  })
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

function word(text: string): string {
  if (/\s/.test(text)) throw new Error(`must be one word, not '${text}'`)
  return text
}

function databaseUrl(text: string): string {
  const shape = 'postgres://user:password@host:port/database'
  if (!URL.canParse(text))
    throw new Error(`must be a URL, ${shape} (is a special character of the password not percent-encoded?)`)
  const { protocol } = new URL(text)
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') throw new Error(`must be ${shape}, not ${protocol}…`)
  return text
}

function target(text: string): string {
  // A target with a scheme (dns:///…, ipv4:…) is for the gRPC client to judge.
  const ok =
    !/\s/.test(text) && (/^[a-z][a-z0-9+.-]*:(?!\d+(,|$))/.test(text) || text.split(',').every((part) => hostAndPort(part)))
  if (!ok) throw new Error(`must be host:port or a gRPC target such as dns:///goods:8081, not '${text}'`)
  return text
}

function address(text: string): Address {
  const found = hostAndPort(text)
  if (!found) throw new Error(`must be host:port, such as 127.0.0.1:3000 or [::1]:3000, not '${text}'`)
  return found
}

function hostAndPort(text: string): Address | undefined {
  const [, bare, bracketed, port] = /^(?:([^\s:[\]]+)|\[([\da-fA-F:.]+)\]):(\d{1,5})$/.exec(text) ?? []
  const host = bare ?? bracketed
  return host && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined
}

function milliseconds(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new Error(`must be milliseconds from 0 to 999999, not '${text}'`)
  return Number(text)
}

function interval(text: string): number {
  // Temporal's Schedules know no shorter one.
  if (milliseconds(text) < 1_000) throw new Error(`must be at least 1000 (milliseconds), not '${text}'`)
  return milliseconds(text)
}

function inventoryMode(text: string): 'keyed' {
  if (text === 'unkeyed') throw new Error('unkeyed is not built yet: use an inventory that honours orderSn')
  if (text !== 'keyed') throw new Error(`must be keyed, not '${text}'`)
  return text
}

function intake(text: string): 'single' | 'lane' {
  if (text !== 'single' && text !== 'lane') throw new Error(`must be single or lane, not '${text}'`)
  return text
}

function yesOrNo(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error(`must be true or false, not '${text}'`)
  return text === 'true'
}

function count(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Error(`must be a number from 1 to 999999, not '${text}'`)
  return Number(text)
}

function currency(text: string): string {
  if (!/^[A-Z]{3}$/.test(text)) throw new Error(`must be three capital letters (ISO 4217), not '${text}'`)
  return text
}

function webUrl(text: string): string {
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw new Error(`must be an http(s) URL, not '${text}'`)
  return text.replace(/\/+$/, '')
}

function logLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((known) => known === text)
  if (!level) throw new Error(`must be one of ${LOG_LEVELS.join(', ')}, not '${text}'`)
  return level
}
