import type { Environment } from './setting.ts'
import { SETTINGS } from './settings.ts'
import { TEMPORAL_ENVIRONMENT } from './temporal-environment.ts'

/** First words that other programs' variables have too, so that only longer beginnings are ours alone. */
const SHARED_WORDS = ['USER', 'DATABASE', 'GRPC', 'SERVICE', 'FREE', 'SHOW', 'AUTH']

/** Variables with these beginnings are ours alone, or Temporal's: the first word of each setting, or the first two. */
const PREFIXES = ['TEMPORAL_', 'ORDER_', ...Object.keys(SETTINGS).flatMap(prefixOf)]

/** Read by other programs, or by our dev stack, in the same environment. */
const OTHERS = new Set(['HTTP_PROXY', 'HTTP_PROXY_REQUEST_FULLURI', 'TEMPORAL_CLI_PATH', 'TEMPORAL_DEBUG', 'TEMPORAL_ENV'])

/** Kubernetes and Docker links put such variables into every container for each service, and ours are named goods, inventory… */
const SERVICE_LINK = /_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP)(_(PROTO|PORT|ADDR))?)=|_PORT=(tcp|udp):/

/** Variables that look like settings of ours or of Temporal's, and are none: a problem each, with what was probably meant. */
export function unknownSettings(env: Environment): string[] {
  const known: string[] = [...Object.keys(SETTINGS), ...TEMPORAL_ENVIRONMENT]
  const problems: string[] = []
  for (const name of Object.keys(env).sort()) {
    if (env[name] === undefined || known.includes(name) || OTHERS.has(name) || name.startsWith('TEMPORAL_GRPC_META_')) continue
    if (SERVICE_LINK.test(`${name}=${env[name]}`)) continue
    const near = known.find((other) => distance(name.toUpperCase(), other) <= mistakesIn(other))
    if (PREFIXES.some((prefix) => name.startsWith(prefix))) {
      problems.push(`${name} is not known: ${near ? `did you mean ${near}?` : 'see docs/settings.md, or unset it'}`)
    } else if (near && !env[near]) {
      problems.push(`${name} is not known: did you mean ${near}?`)
    }
  }
  return problems
}

/** `SWEEP_` of `SWEEP_AFTER_MS`, `GRPC_TLS_` of `GRPC_TLS_CA_PATH`, nothing of `DATABASE_URL`. */
function prefixOf(setting: string): string[] {
  const [first = '', ...others] = setting.split('_')
  if (first === 'CONSUL') return [] // Consul's own, whatever follows
  const ours = SHARED_WORDS.includes(first) ? [first, ...others.splice(0, 1)] : [first]
  return others.length > 0 ? [`${ours.join('_')}_`] : []
}

/** Letters that may be wrong: two of `AUTH` would make it `PATH`. */
function mistakesIn(setting: string): number {
  return setting.length < 6 ? 1 : 2
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
