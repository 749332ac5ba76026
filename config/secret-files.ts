import { readPrivateFile } from '../codec/private-file.ts'
import type { Environment, Setting } from './setting.ts'
import { SETTINGS } from './settings.ts'

/**
 * Every setting that may hold a secret, ours, Temporal's and OpenTelemetry's. Each may be given as the path of a file that holds it, by the same name and _FILE;
 * so may the headers of calls to Temporal, whose names nobody knows beforehand (TEMPORAL_GRPC_META_…). The key of a client's certificate has a _PATH of its own.
 */
export const SECRETS: readonly string[] = [
  ...Object.entries<Setting>(SETTINGS).flatMap(([name, { secret }]) => (secret ? [name] : [])),
  'TEMPORAL_API_KEY',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_TRACES_HEADERS',
]

const HEADER_FILE = /^(TEMPORAL_GRPC_META_.+)_FILE$/

/**
 * Returns an environment with the secrets that stand in files in place of the settings that name these files: what stands in an environment is seen by
 * whoever looks at the process.
 * @returns it, and the problems, a line each, which name neither a path nor a secret
 */
export function withSecretFiles(env: Environment): { env: Environment; problems: string[] } {
  const problems: string[] = []
  const read: Environment = { ...env }
  const headers = Object.keys(env).flatMap((name) => HEADER_FILE.exec(name)?.[1] ?? [])
  for (const name of [...SECRETS, ...headers]) {
    const setting = `${name}_FILE`
    const path = env[setting]?.trim()
    delete read[setting]
    if (!path) continue
    try {
      if (env[name]) throw new Error(`and ${name} are both set: unset one of them`)
      read[name] = secretIn(path)
    } catch (error) {
      problems.push(`${setting} ${(error as Error).message}`)
      // The file is the one problem: that the secret is missing besides would be a second report of it.
      read[name] ||= undefined
    }
  }
  return { env: read, problems }
}

function secretIn(path: string): string {
  const secret = readPrivateFile(path).replace(/\r?\n$/, '')
  if (!secret.trim()) throw new Error('names a file that is empty')
  return secret
}
