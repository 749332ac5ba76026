import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { buildOf } from './build-of.ts'
import { type RolloutReport, runRollout } from './run-rollout.ts'

const HELP = `npm run rollout -- --from COMMIT [options]: an older build under load, a newer one takes over, then a look whether every promise was kept.

  --from COMMIT  the build that runs first: a commit, a tag or a branch
  --to COMMIT    the build that takes over, HEAD unless said otherwise: what is not committed is not in it
  --back         then the older one takes over again, on the newer one's schema
  --rate N       orders a second, 8 unless said otherwise
  --seed N       decides the orders, 1 unless said otherwise
  --help         this

Both are built in .data/rollout; two workers and two starters of each, one after the other. Logs: .data/rollout/stack/logs. Status 1: a promise was broken.`

const PROJECT = join(import.meta.dirname, '../../..')

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    to: { type: 'string', default: 'HEAD' },
    back: { type: 'boolean', default: false },
    rate: { type: 'string', default: '8' },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help || values.from === undefined) {
  console.log(HELP)
  process.exit(values.help ? 0 : 2)
}
process.on('SIGINT', () => process.exit(130)) // what was started ends with this process
process.on('SIGTERM', () => process.exit(143))

const [perSecond, seed] = [Number(values.rate), Number(values.seed)]
if (!(perSecond > 0 && seed > 0)) throw new Error('--seed and --rate must be numbers above 0')
const beganAt = performance.now()
const log = (line: string) => console.log(`${((performance.now() - beganAt) / 1_000).toFixed(1).padStart(6)} s  ${line}`)
const folder = join(PROJECT, '.data', 'rollout')
const old = await buildOf(values.from, join(folder, 'old'))
log(`${values.from} is ${old.commit}, built`)
const next = await buildOf(values.to, join(folder, 'next'))
log(`${values.to} is ${next.commit}, built`)
const report = await runRollout({ old, next, back: values.back, seed, perSecond, dataDir: join(folder, 'stack'), log })
print(report)
process.exit(report.violations.length + report.leftWrongly.length > 0 ? 1 : 0)

function print({ orders, created, refused, lost, violations, leftWrongly }: RolloutReport): void {
  console.log(`\n${orders} orders, ${created} created, ${refused} refused; ${lost} requests without an answer, repeated`)
  for (const line of leftWrongly) console.log(`NOT IN ORDER: ${line}`)
  for (const { promise, what } of violations) console.log(`VIOLATION, ${promise}: ${what}`)
  console.log(violations.length === 0 ? 'every promise was kept' : `${violations.length} violations`)
}
