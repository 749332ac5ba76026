/**
 * `npm run bench:scale [-- --seconds 15 --callers 64 --replicas 1,2,4]`: processor time of one order, by component, as starters with their workers
 * become more, each with so many callers, and of the store alone. On one machine the rate can't grow with them, so what is asked is whether an order costs the same. From these
 * figures it prints what a rate of orders needs.
 */
import { loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { run, stopRequested } from '../composition/lifecycle.ts'
import type { Column } from '../operators/text-table.ts'
import { measureCell } from './measure-cell.ts'
import { parseOptions } from './options.ts'
import { startParts } from './parts.ts'
import { markdownTable } from './report/markdown-table.ts'
import { startRow } from './rows/running-row.ts'
import { type Component, type Cost, needTable, totalOf } from './scale/needs.ts'
import { storeCost } from './scale/store-cost.ts'

const COMPONENTS: Component[] = ['starter', 'temporal', 'postgres']

const COLUMNS: Column<Cost>[] = [
  { head: 'starters', right: true, of: ({ replicas }) => `${replicas}` },
  { head: 'orders/s', right: true, of: ({ ordersPerSecond }) => ordersPerSecond.toFixed(0) },
  ...COMPONENTS.map(
    (name): Column<Cost> => ({ head: name, right: true, of: ({ cpuMs }) => (cpuMs[name] ?? Number.NaN).toFixed(2) }),
  ),
  { head: 'together', right: true, of: (cost) => totalOf(cost).toFixed(2) },
]

run(async () => {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      seconds: { ...text, default: '15' },
      warmup: { ...text, default: '3' },
      callers: { ...text, default: '64' },
      replicas: { ...text, default: '1,2,4' },
      lines: { ...text, default: '3' },
      data: text,
    },
  })
  const { seconds, warmup, callers, lines, data } = values
  const counts = values.replicas.split(',').map(Number)
  if (!counts.every((count) => Number.isInteger(count) && count > 0))
    throw new Error('--replicas must be numbers above 0, with commas')
  const options = parseOptions([
    ...['--rows', 'lane', '--seconds', seconds, '--warmup', warmup, '--callers', callers, '--lines', lines],
    ...(data === undefined ? [] : ['--data', data]),
  ])
  const stop = stopRequested()
  const log = (line: string) => console.log(line)
  log(`load before: ${loadavg()[0]?.toFixed(1)} (1 min)`)
  const parts = await startParts(options, log)

  async function measure() {
    const costs: Cost[] = []
    for (const replicas of counts) {
      const row = await startRow('lane', parts, replicas)
      try {
        const task = {
          callers: replicas * Number(callers),
          seconds: Number(seconds),
          warmupSeconds: Number(warmup),
          lines: Number(lines),
        }
        const { ordersPerSecond, cpuMs = {}, failed, othersCores } = await measureCell(row, parts, task)
        costs.push({ replicas, ordersPerSecond, cpuMs })
        log(
          `${replicas} starters: ${ordersPerSecond.toFixed(0)}/s, ${failed} failed; others took ${othersCores?.toFixed(2)} cores`,
        )
      } finally {
        await row.stop()
      }
    }
    const store = await storeCost(parts, Number(seconds), Number(lines))
    const [first] = costs as [Cost]
    log('\nProcessor time of one order in ms, as starters become more:\n')
    const ofOne: Column<Cost> = { head: 'of one', right: true, of: (cost) => (totalOf(cost) / totalOf(first)).toFixed(2) }
    log(markdownTable([...COLUMNS, ofOne], costs))
    const perCore = 1_000 / store.cpuMsPerOrder
    log(
      `\nPostgreSQL alone, the lane's statements in batches of 100: ${store.cpuMsPerOrder.toFixed(3)} ms an order, so ${perCore.toFixed(0)} orders/s a core`,
    )
    log(`(${store.orders} orders, ${store.ordersPerSecond.toFixed(0)}/s here)`)
    log(`\nWhat a rate of orders needs, in cores that are busy for two thirds of the time:\n\n${needTable(first)}`)
    log(`load after: ${loadavg()[0]?.toFixed(1)} (1 min)`)
  }
  try {
    const stopped = await Promise.race([measure(), stop])
    if (stopped) throw new Error(`stopped by ${stopped}`)
  } finally {
    await parts.stop()
  }
})
