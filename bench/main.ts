import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { run, stopRequested } from '../lifecycle.ts'
import { chart } from './chart.ts'
import { measureTable } from './measure-table.ts'
import { type BenchOptions, parseOptions, USAGE } from './options.ts'
import { type Parts, startParts } from './parts.ts'
import type { Results } from './results.ts'
import { type RunningRow, startRow } from './running-row.ts'
import { textTable } from './text-table.ts'

/** Above it others take so much of the machine that the figures are theirs too. */
const QUIET_LOAD = 1.5

/** `npm run bench`: measures every way to create orders beside each other, prints the table, writes it as JSON and as a chart. */
run(async () => {
  const args = process.argv.slice(2)
  if (args.includes('--help')) return console.log(USAGE)
  const options = parseOptions(args)
  const stop = stopRequested()
  const [before = 0] = loadavg()
  if (before > QUIET_LOAD) console.log(`the machine is not quiet (load ${before.toFixed(1)}): the figures will show it`)

  const log = (line: string) => console.log(line)
  const parts = await startParts(options, log)
  const rows: RunningRow[] = []
  try {
    const measured = await Promise.race([measure(options, parts, rows, log), stop])
    if (typeof measured === 'string') throw new Error(`stopped by ${measured}: nothing was written`)
    const [after = 0] = loadavg()
    await report(options, {
      at: new Date().toISOString(),
      machine: {
        cpus: cpus().length,
        model: cpus()[0]?.model ?? '',
        memoryBytes: totalmem(),
        node: process.version,
        load: { before, after },
      },
      temporal: { version: parts.temporalVersion, own: options.temporal === undefined },
      options: {
        seconds: options.seconds,
        warmupSeconds: options.warmupSeconds,
        rounds: options.rounds,
        linesPerOrder: options.linesPerOrder,
        smoke: options.smoke,
      },
      ...measured,
    })
  } finally {
    await Promise.all(rows.map((row) => row.stop()))
    await parts.stop()
  }
})

async function measure(options: BenchOptions, parts: Parts, rows: RunningRow[], log: (line: string) => void) {
  const { callers, seconds, warmupSeconds, rounds, linesPerOrder: lines } = options
  // One after another: each has the machine for itself while it bundles its workflows, and is paused then.
  for (const key of options.rows) rows.push(await startRow(key, parts))
  const tasks = callers.map((callers) => ({ callers, seconds, warmupSeconds, lines }))
  const table = await measureTable({ rows, tasks, rounds }, parts, log)
  return { lines: table.map(({ line }) => line) }
}

async function report({ out }: BenchOptions, results: Results): Promise<void> {
  const { machine, at, temporal, lines } = results
  const subtitle =
    `${machine.cpus} cores, Node ${machine.node}, Temporal ${temporal.version}${temporal.own ? ' (dev server)' : ''}, ` +
    `${results.options.rounds} rounds of ${results.options.seconds} s, load ${machine.load.before.toFixed(1)} before, ${at.slice(0, 10)}`
  await mkdir(out, { recursive: true })
  await writeFile(join(out, 'latest.json'), `${JSON.stringify(results, undefined, 2)}\n`)
  await writeFile(join(out, 'latest.svg'), chart(lines, subtitle))
  console.log(`\n${textTable(lines)}\n\n${subtitle}`)
  const failures = lines.flatMap(({ row, callers, rounds }) =>
    rounds.flatMap(({ sample }) => (sample === undefined ? [] : `${row}, ${callers} callers: ${sample}`)),
  )
  if (failures.length > 0) console.log(`\nAnswers that were no orders, one each:\n${failures.join('\n')}`)
  console.log(`\nwritten to ${join(out, 'latest.json')} and latest.svg`)
}
