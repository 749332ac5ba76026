import { cpus, loadavg, totalmem } from 'node:os'
import { run, stopRequested } from '../composition/lifecycle.ts'
import { measureSections } from './measure-sections.ts'
import { parseOptions, USAGE } from './options.ts'
import { startParts } from './parts.ts'
import { report } from './report/report.ts'
import { type RunningRow, startRow } from './rows/running-row.ts'

/** Cores taken by others above which the figures are theirs too. */
const QUIET_LOAD = 1.5

/** `npm run bench`: measures every way to create orders beside each other, prints the table, writes it as JSON and as a chart. */
run(async () => {
  const args = process.argv.slice(2)
  if (args.includes('--help')) return console.log(USAGE)
  const options = parseOptions(args)
  const { seconds, warmupSeconds, rounds, linesPerOrder, smoke } = options
  const stop = stopRequested()
  const [before = 0] = loadavg()
  if (before > QUIET_LOAD) console.log(`the machine is not quiet (load ${before.toFixed(1)}): the figures will show it`)

  const log = (line: string) => console.log(line)
  const parts = await startParts(options, log)
  const rows: RunningRow[] = []
  const measured = {}
  async function measure() {
    // One after another: each has the machine for itself while it bundles its workflows, and is paused then.
    for (const key of options.rows) rows.push(await startRow(key, parts))
    await measureSections(options, parts, rows, log, (section) => Object.assign(measured, section))
  }
  try {
    const stopped = await Promise.race([measure(), stop])
    if (stopped && Object.keys(measured).length === 0) throw new Error(`stopped by ${stopped}: nothing was written`)
    const [after = 0] = loadavg()
    const [{ model } = { model: 'unknown' }] = cpus()
    const load = { before, after }
    await report(
      {
        at: new Date().toISOString(),
        machine: { cpus: cpus().length, model, memoryBytes: totalmem(), node: process.version, load },
        temporal: { version: parts.temporalVersion, own: options.temporal === undefined },
        options: { seconds, warmupSeconds, rounds, linesPerOrder, smoke },
        ...measured,
      },
      options.out,
      log,
    )
    if (stopped) throw new Error(`stopped by ${stopped}: the sections that were not measured yet are missing`)
  } finally {
    // A row whose process has ended by itself must not keep the others running.
    await Promise.allSettled(rows.map((row) => row.stop()))
    await parts.stop()
  }
})
