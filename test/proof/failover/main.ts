import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { postgresFailover } from './postgres-failover.ts'
import type { FailoverReport } from './run-failover.ts'
import { temporalFailover } from './temporal-failover.ts'

const HELP = `npm run failover -- postgres|temporal [options]: a server is killed under load, another takes over, then a look whether every promise was kept.

  postgres       the primary of the orders' PostgreSQL, which has a synchronous standby
  temporal       one of two Temporal servers on one PostgreSQL

  --async        the standby is asynchronous: what it lacks is found, and put right by the operators' verb
  --limited      instead of being killed, both Temporal servers admit hardly any requests for a minute (with --orders 1500: it takes them a minute to begin)
  --orders N     300 unless said otherwise
  --rate N       orders a second, 8 unless said otherwise
  --seed N       decides the orders, 1 unless said otherwise
  --help         this

It needs Debian's PostgreSQL (apt-get install postgresql), for temporal Go, which builds the server once. Logs: .data/failover. Status 1: a promise was broken.`

const PROJECT = join(import.meta.dirname, '../../..')

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    async: { type: 'boolean', default: false },
    limited: { type: 'boolean', default: false },
    orders: { type: 'string', default: '300' },
    rate: { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
const [kind] = positionals
if (values.help || (kind !== 'postgres' && kind !== 'temporal')) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}
process.on('SIGINT', () => process.exit(130)) // what was started ends with this process
process.on('SIGTERM', () => process.exit(143))

const load = { seed: Number(values.seed), orders: Number(values.orders), perSecond: Number(values.rate) }
if (!Object.values(load).every((number) => number > 0)) throw new Error('--seed, --orders and --rate must be numbers above 0')
const beganAt = performance.now()
const log = (line: string) => console.log(`${((performance.now() - beganAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`)
const dataDir = join(PROJECT, '.data', 'failover')
const report = await (kind === 'postgres'
  ? postgresFailover({ ...load, dataDir, log, synchronous: !values.async })
  : temporalFailover({ ...load, dataDir, log, blow: values.limited ? 'limited' : 'killed' }))
print(report)
process.exit(report.violations.length > 0 ? 1 : 0)

function print({ violations, ...figures }: FailoverReport): void {
  const { orders, created, servesAfter, firstAnswerAfter, firstOrderAfter, longestWait, mended } = figures
  const seconds = (ms: number) => (Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : 'none')
  console.log(`
${orders} orders, ${created} created
served by another, or without limits, after ${seconds(servesAfter)}
the first 201 behind it came after       ${seconds(firstAnswerAfter)}
the first for an order sent behind the blow  ${seconds(firstOrderAfter)}
the longest wait for a final answer      ${seconds(longestWait)}
settled by hand                          ${mended}
`)
  for (const { promise, what } of violations) console.log(`VIOLATION, ${promise}: ${what}`)
  console.log(violations.length === 0 ? 'every promise was kept' : `${violations.length} violations`)
}
