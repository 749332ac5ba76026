import type { ConnectionSettings } from '../clients/connection-settings.ts'
import { type TracesTo, tracesTo } from '../telemetry/traces-to.ts'
import type { TlsPaths } from '../tls/tls-files.ts'
import { authConfig, authProblems, type DoorConfig, type NamedInAuth } from './auth-config.ts'
import { type CodecIssuer, codecConfig, codecProblems, type NamedInCodecIssuer } from './codec-config.ts'
import { ConfigError } from './config-error.ts'
import { connectionConfig, connectionProblems, type OfConnections } from './connection-config.ts'
import { type LimitConfig, limitConfig, type NamedInLimits } from './limit-config.ts'
import { type NamedInOrderService, type OrderServiceConfig, orderServiceConfig } from './order-service-config.ts'
import { plainLinks } from './plain-links.ts'
import {
  type NamedInRegistration,
  type RegistrationConfig,
  registrationConfig,
  registrationProblems,
} from './registration-config.ts'
import { withSecretFiles } from './secret-files.ts'
import { type NamedInTls, serverTlsConfig, serverTlsProblems } from './server-tls-config.ts'
import { attempt, type Environment, type Program, readSettings, type ValuesFor } from './setting.ts'
import { SETTINGS } from './settings.ts'
import { type TemporalConfig, temporalConfig, temporalProblems } from './temporal-config.ts'
import { unknownSettings } from './unknown-settings.ts'

type Values<P extends Program> = ValuesFor<typeof SETTINGS, P>

export interface WorkerConfig extends Omit<Values<'worker'>, OfConnections | NamedInTls<'metricsTls'>> {
  /** Absent: metrics are served unencrypted. */
  metricsTls?: TlsPaths
  temporal: TemporalConfig
  connection: ConnectionSettings
  /** Absent: no traces. */
  traces?: TracesTo
}

export interface StarterConfig
  extends Omit<
    Values<'starter'>,
    | 'starterWorker'
    | NamedInAuth
    | OfConnections
    | NamedInTls<'httpTls' | 'operationsTls'>
    | NamedInLimits
    | NamedInOrderService
    | NamedInRegistration
  > {
  /** Absent: the door over HTTP takes plain HTTP. */
  httpTls?: TlsPaths
  /** Absent: the operators' address takes plain HTTP. */
  operationsTls?: TlsPaths
  temporal: TemporalConfig
  connection: ConnectionSettings
  /** Conditions of coming in. */
  door: DoorConfig
  /** Limits of one caller, and of one address. */
  limits: LimitConfig
  /** Absent: OrderService is not served. */
  orderService?: OrderServiceConfig
  /** Absent: OrderService is not registered. */
  registration?: RegistrationConfig
  /** Set if the starter runs a worker itself, beside the lane; never without the lane. */
  worker?: WorkerConfig
  /** Absent: no traces. */
  traces?: TracesTo
}

export type MigrateConfig = Values<'migrate'>

export type ImportConfig = Values<'import'>

export interface AuditConfig extends Omit<Values<'audit'>, OfConnections> {
  connection: ConnectionSettings
}

export interface RegisterConfig extends Values<'register'> {
  temporal: TemporalConfig
}

export interface OperatorConfig extends Omit<Values<'orders'>, OfConnections> {
  temporal: TemporalConfig
  connection: ConnectionSettings
}

/** A starter that carries out the verbs of operators, and the token by which it is asked. */
interface VerbServer {
  url: string
  token: string | undefined
}

export interface CodecConfig extends Omit<Values<'codec'>, NamedInTls<'codecTls'> | NamedInCodecIssuer> {
  temporal: TemporalConfig
  /** Absent: no token of an issuer is taken. */
  issuer?: CodecIssuer
  /** Absent: it takes plain HTTP. */
  codecTls?: TlsPaths
}

/** @throws ConfigError */
export function loadWorkerConfig(env: Environment): WorkerConfig {
  return load(env, workerConfig)
}

function workerConfig(read: Reader): WorkerConfig {
  return {
    ...serverTlsConfig('metricsTls', connectionConfig(read.settings('worker'))),
    temporal: read.temporal(),
    ...read.traces(),
  }
}

/** @throws ConfigError */
export function loadStarterConfig(env: Environment): StarterConfig {
  return load(env, (read) => {
    const values = read.settings('starter')
    read.report(authProblems(values))
    const { starterWorker, ...settings } = serverTlsConfig(
      'operationsTls',
      serverTlsConfig('httpTls', registrationConfig(orderServiceConfig(connectionConfig(limitConfig(authConfig(values)))))),
    )
    const worker = starterWorker && settings.intake === 'lane' ? workerConfig(read) : undefined
    return { ...settings, temporal: read.temporal(), ...read.traces(), ...(worker && { worker }) }
  })
}

/** @throws ConfigError */
export function loadMigrateConfig(env: Environment): MigrateConfig {
  return load(env, (read) => read.settings('migrate'))
}

/** @throws ConfigError */
export function loadRegisterConfig(env: Environment): RegisterConfig {
  return load(env, (read) => ({ ...read.settings('register'), temporal: read.temporal() }))
}

/** @throws ConfigError */
export function loadOperatorConfig(env: Environment): OperatorConfig {
  return load(env, (read) => ({ ...connectionConfig(read.settings('orders')), temporal: read.temporal() }))
}

/**
 * Settings of a command line that has a starter carry out the verbs of operators.
 * @param url address of the starter
 * @throws ConfigError
 */
export function loadServerConfig(env: Environment, url: string): VerbServer {
  return load(env, (read) => ({ url, token: read.settings('orders --server').ordersToken }))
}

/** @throws ConfigError */
export function loadCodecConfig(env: Environment): CodecConfig {
  return load(env, (read) => {
    const values = read.settings('codec')
    read.report(codecProblems(values))
    return { ...codecConfig(serverTlsConfig('codecTls', values)), temporal: read.temporal() }
  })
}

/** @throws ConfigError */
export function loadImportConfig(env: Environment): ImportConfig {
  return load(env, (read) => read.settings('import'))
}

/** @throws ConfigError */
export function loadAuditConfig(env: Environment): AuditConfig {
  return load(env, (read) => connectionConfig(read.settings('audit')))
}

/** Reads parts of an environment; what is wrong with them is reported with all other problems. */
interface Reader {
  settings<P extends Program>(program: P): Values<P>
  temporal(): TemporalConfig
  traces(): { traces?: TracesTo }
  /** Adds problems of settings that are right alone, and wrong together. */
  report(problems: readonly string[]): void
}

function load<T>(given: Environment, configOf: (read: Reader) => T): T {
  const { env, problems: ofFiles } = withSecretFiles(given)
  const problems = [
    ...ofFiles,
    ...unknownSettings(env),
    ...connectionProblems(env),
    ...serverTlsProblems(env),
    ...registrationProblems(env),
  ]
  const traces = attempt('OpenTelemetry:', problems, () => tracesTo(env))
  const programs: Program[] = []
  let temporal: TemporalConfig | undefined
  const config = configOf({
    settings(program) {
      programs.push(program)
      const read = readSettings(SETTINGS, [program], env)
      problems.push(...read.problems)
      return read.values
    },
    temporal() {
      problems.push(...temporalProblems(env))
      temporal = attempt('TEMPORAL_*', problems, () => temporalConfig(env))
      return temporal as TemporalConfig
    },
    traces: () => (traces ? { traces } : {}),
    report: (found) => void problems.push(...found),
  })
  problems.push(...plainLinks(env, programs, { temporal, traces }))
  if (problems.length > 0) throw new ConfigError([...new Set(problems)])
  return config
}
