import { type Address, parseAddress } from '../clients/address.ts'
import { parseTarget } from '../clients/target.ts'
import { isLoopback } from '../identity/hosts.ts'
import type { TracesTo } from '../telemetry/traces-to.ts'
import { usesTls } from './service-tls-config.ts'
import { SERVICES, type Service } from './service-tls-settings.ts'
import { attempt, type Environment, type Program, type Setting } from './setting.ts'
import { SETTINGS } from './settings.ts'
import { TLS_OF_SERVERS } from './tls-of-servers.ts'

/** Parts of a configuration that do not stand in the table of settings. */
interface Others {
  temporal?: { connection: { address: string; tls?: unknown } } | undefined
  traces?: TracesTo | undefined
}

/**
 * Every link of some programs that leaves this machine and is not encrypted, a problem each if REQUIRE_TLS=true forbids it. A setting that can't be read is
 * a problem by itself.
 */
export function plainLinks(env: Environment, programs: readonly Program[], { temporal, traces }: Others): string[] {
  if (env.REQUIRE_TLS !== 'true') return []
  const problems: string[] = []
  /** Looks at a setting, if one of the programs reads it. */
  function look(name: keyof typeof SETTINGS, missingOf: (text: string) => string | undefined): void {
    const { readBy, default: otherwise }: Setting = SETTINGS[name]
    const text = env[name]?.trim() || otherwise
    if (text === undefined || !readBy.some((program) => programs.includes(program))) return
    const missing = attempt(name, [], () => missingOf(text))
    if (missing !== undefined) problems.push(plain(name, missing))
  }

  for (const [name, tls] of Object.entries(TLS_OF_SERVERS) as [keyof typeof TLS_OF_SERVERS, string][]) {
    look(name, (text) => {
      const address = parseAddress(text)
      const certificate = `${tls}_CERT_PATH`
      return !address || isHere(address) || env[certificate] ? undefined : certificate
    })
  }

  const called = (service: Service) => (text: string) => {
    const target = parseTarget(text)
    const isSafe = usesTls(env, service) || (target.kind === 'addresses' && target.addresses.every(isHere))
    return isSafe
      ? plainAgent(text)
      : [env[`${service}_TLS`] ? `${service}_TLS=true` : 'GRPC_TLS=true', plainAgent(text)].filter(Boolean).join(' and ')
  }
  for (const service of SERVICES) look(`${service}_TARGET`, called(service))
  look('CONSUL_REGISTER', plainAgent)

  for (const name of ['DATABASE_URL', 'INVENTORY_DATABASE_URL'] as const) {
    look(name, (text) => {
      const { hostname, searchParams } = new URL(text)
      // A parameter may stand there twice: pg goes by the last.
      const host = searchParams.getAll('host').at(-1) ?? hostname
      const isLocal = host === '' || host.startsWith('/') || isLoopback(host)
      const isSafe = isLocal || searchParams.getAll('sslmode').at(-1) === 'verify-full'
      return isSafe ? undefined : 'sslmode=verify-full'
    })
  }
  look('EVENTS_WEBHOOK_URL', (text) => (isPlainUrl(text) ? 'https://' : undefined))
  if (traces && isPlainUrl(traces.url)) problems.push(plain('OTEL_EXPORTER_OTLP_ENDPOINT', 'https://'))
  if (temporal && !temporal.connection.tls) {
    const address = parseAddress(temporal.connection.address)
    if (address && !isHere(address)) problems.push(plain('TEMPORAL_ADDRESS', 'TEMPORAL_TLS=true'))
  }
  return problems
}

function plain(name: string, missing: string): string {
  return `${name} makes a link beyond this machine that is not encrypted, which REQUIRE_TLS=true forbids: it needs ${missing}`
}

function plainAgent(text: string): string | undefined {
  const target = parseTarget(text)
  return target.kind === 'consul' && isPlainUrl(target.agent) ? 'consuls://' : undefined
}

function isPlainUrl(text: string): boolean {
  const { protocol, hostname } = new URL(text)
  return protocol === 'http:' && !isLoopback(hostname)
}

function isHere({ host }: Address): boolean {
  return isLoopback(host)
}
