import { loadClientConnectConfig } from '@temporalio/envconfig'
import type { Environment } from './setting.ts'

/** Options by which Temporal is reached, fit for `NativeConnection.connect` and `Connection.lazy` alike. */
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

/** @throws Error if `@temporalio/envconfig` cannot follow Temporal's standard environment; lines after the first may hold secrets. */
export function temporalConfig(env: Environment): TemporalConfig {
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

/** Reports, a problem each, what `@temporalio/envconfig` takes in silence, to the opposite of what was meant or to no effect. */
export function temporalProblems(env: Environment): string[] {
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
