import { readFile, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { parseArgs } from 'node:util'
import { describeFault, type FaultEvent } from './fault-event.ts'
import { figuresOf } from './figures.ts'
import { planFaults } from './plan-faults.ts'
import { writeReport } from './report.ts'
import { type ChaosResult, runChaos } from './run-chaos.ts'
import { shorten } from './shorten.ts'

const HELP = `npm run chaos [-- options]: orders of all kinds while everything that can fail does, then a look whether every promise was kept.

  --minutes N      how long orders are sent, 10 unless said otherwise
  --orders N       how many, 20000 unless said otherwise
  --seed N         decides orders and faults; the time of day unless said otherwise
  --unkeyed        an inventory without keys; what is in doubt is settled in the end
  --schedule FILE  these faults (JSON, as a failed run writes them) instead of the seed's
  --shorten N      after a violation, at most N more runs that look for a shorter schedule, 6 unless said otherwise
  --help           this

Report, chart and logs: .data/chaos. Status 1: a promise was broken.`

const PROJECT = join(import.meta.dirname, '../../..')
const DIR = join(PROJECT, '.data/chaos')
/** Time of a shortened run before its first fault and after its last. Milliseconds. */
const AROUND_MS = 4_000

const options = readOptions()
process.on('SIGINT', () => process.exit(130)) // the run ends its processes when this one exits
process.on('SIGTERM', () => process.exit(143))
process.exit(await main())

/** @returns the status to leave with */
async function main(): Promise<number> {
  const { seed, seconds, orders, keyed } = options
  const faults = options.schedule
    ? (JSON.parse(await readFile(options.schedule, 'utf8')) as FaultEvent[])
    : planFaults(seed, seconds, keyed)
  console.log(`seed ${seed}: ${orders.toLocaleString('en-US')} orders in ${seconds} s, ${faults.length} faults`)
  const result = await runChaos({ seed, seconds, orders, faults, keyed, dataDir: join(DIR, 'stack'), log: console.log })
  const { violations, ...figures } = figuresOf(result)
  console.log(JSON.stringify(figures, null, 2))
  const schedule = violations.length > 0 ? await shortest(faults, result) : faults
  const page = await writeReport(DIR, result, schedule)
  console.log(`report: ${relative(process.cwd(), page)}`)
  if (violations.length === 0) {
    console.log('every promise was kept')
    return 0
  }
  for (const { promise, what } of violations) console.log(`VIOLATION, ${promise}: ${what}`)
  const file = join(DIR, 'schedule.json')
  await writeFile(file, JSON.stringify(schedule, null, 2))
  for (const event of schedule) console.log(`  ${(event.atMs / 1_000).toFixed(1)} s: ${describeFault(event)}`)
  const { seconds: shorter, orders: fewer } = sizeOf(schedule)
  console.log(
    `${violations.length} violations with seed ${seed}. Once more: npm run chaos --${keyed ? '' : ' --unkeyed'} --seed ${seed} --minutes ${(shorter / 60).toFixed(2)} ` +
      `--orders ${fewer} --schedule ${relative(process.cwd(), file)}`,
  )
  return 1
}

/** Runs parts of the schedule, each as soon as it can begin. */
async function shortest(faults: readonly FaultEvent[], failed: ChaosResult): Promise<FaultEvent[]> {
  const broken = new Set(failed.violations.map(({ promise }) => promise))
  const found = await shorten(
    faults,
    async (events) => {
      const moved = fromTheStart(events)
      console.log(`shortening: ${events.length} of ${faults.length} faults`)
      const size = sizeOf(moved)
      const { seed, keyed } = options
      const again = await runChaos({ ...size, seed, keyed, faults: moved, dataDir: join(DIR, 'shorter'), log: () => {} })
      // Another promise that breaks is another failure.
      return again.violations.some(({ promise }) => broken.has(promise))
    },
    options.shorten,
  )
  return fromTheStart(found)
}

function fromTheStart(events: readonly FaultEvent[]): FaultEvent[] {
  const first = events[0]?.atMs ?? 0
  return events.map((event) => ({ ...event, atMs: event.atMs - first + AROUND_MS }))
}

/** Returns the size of a run that is as long as these faults need, with as many orders a second as the whole run. */
function sizeOf(events: readonly FaultEvent[]): { seconds: number; orders: number } {
  const last = events.at(-1)
  const seconds = Math.min(options.seconds, Math.ceil(((last?.atMs ?? 0) + AROUND_MS) / 1_000))
  return { seconds, orders: Math.ceil((options.orders * seconds) / options.seconds) }
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        minutes: { type: 'string', default: '10' },
        orders: { type: 'string', default: '20000' },
        seed: { type: 'string', default: String(Date.now() % 1_000_000) },
        unkeyed: { type: 'boolean', default: false },
        schedule: { type: 'string' },
        shorten: { type: 'string', default: '6' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(HELP)
      process.exit(0)
    }
    const [minutes, orders, seed, runs] = [values.minutes, values.orders, values.seed, values.shorten].map(Number) as [
      number,
      number,
      number,
      number,
    ]
    if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0, not ${values.minutes}`)
    if (!(Number.isInteger(orders) && orders > 0))
      throw new Error(`--orders must be a whole number above 0, not ${values.orders}`)
    if (!Number.isInteger(seed)) throw new Error(`--seed must be a whole number, not ${values.seed}`)
    if (!(Number.isInteger(runs) && runs >= 0)) throw new Error(`--shorten must be a whole number, not ${values.shorten}`)
    return { seconds: minutes * 60, orders, seed, shorten: runs, schedule: values.schedule, keyed: !values.unkeyed }
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`)
    process.exit(2)
  }
}
