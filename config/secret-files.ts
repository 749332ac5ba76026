import { readFileSync, statSync } from 'node:fs'
import type { Environment, Setting } from './setting.ts'
import { SETTINGS } from './settings.ts'

/** Every setting that may hold a secret, ours and Temporal's. Each may be given as the path of a file that holds it, by the same name and _FILE. */
export const SECRETS: readonly string[] = [
  ...Object.entries<Setting>(SETTINGS).flatMap(([name, { secret }]) => (secret ? [name] : [])),
  'TEMPORAL_API_KEY',
]

/** Permissions of anybody but the owner. */
const OTHERS = 0o077

/**
 * Returns an environment with the secrets that stand in files in place of the settings that name these files: what stands in an environment is seen by
 * whoever looks at the process.
 * @returns it, and the problems, a line each, which name neither a path nor a secret
 */
export function withSecretFiles(env: Environment): { env: Environment; problems: string[] } {
  const problems: string[] = []
  const read: Environment = { ...env }
  for (const name of SECRETS) {
    const setting = `${name}_FILE`
    const path = env[setting]?.trim()
    delete read[setting]
    if (!path) continue
    try {
      if (env[name]) throw new Error(`and ${name} are both set: unset one of them`)
      read[name] = secretIn(path)
    } catch (error) {
      problems.push(`${setting} ${(error as Error).message}`)
      // Nobody is to be told besides that the secret is missing.
      read[name] ||= undefined
    }
  }
  return { env: read, problems }
}

function secretIn(path: string): string {
  let mode: number
  let content: string
  try {
    mode = statSync(path).mode
    content = readFileSync(path, 'utf8')
  } catch (error) {
    throw new Error(`names a file that can't be read (${(error as NodeJS.ErrnoException).code})`)
  }
  if (mode & OTHERS) {
    const octal = (mode & 0o777).toString(8).padStart(4, '0')
    throw new Error(`names a file that others than its owner may use (its mode is ${octal}): chmod 0400 it`)
  }
  const secret = content.replace(/\r?\n$/, '')
  if (!secret.trim()) throw new Error('names a file that is empty')
  return secret
}
