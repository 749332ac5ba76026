import { runClosing } from './closing/run-closing.ts'
import { type Flood, runFlood } from './flood/run-flood.ts'
import type { CellTask } from './measure-cell.ts'
import { measureTable } from './measure-table.ts'
import { type BenchOptions, isMeasuredIn, type Section } from './options.ts'
import { runOverload } from './overload/run-overload.ts'
import type { Parts } from './parts.ts'
import type { Results } from './report/results.ts'
import { ROWS } from './rows/rows.ts'
import type { RunningRow } from './rows/running-row.ts'
import { runSoak } from './run-soak.ts'

/** Distinct goods of an order whose cost is compared; an order may have 1,000. */
const ORDER_SIZES = [1, 10, 100, 1_000]
const CALLERS_OF_SIZES = 16
/** Orders a second of a shop's single buyer; each is done long before the next one, of which a slow machine may have some. */
const PACED_PER_SECOND = 5
const CONNECTIONS_OF_PACED = 8

type Measured = Pick<
  Results,
  | 'table'
  | 'compensation'
  | 'orderSizes'
  | 'original'
  | 'hotSku'
  | 'grpc'
  | 'encrypted'
  | 'flood'
  | 'paced'
  | 'hot'
  | 'repeats'
  | 'overload'
  | 'peers'
  | 'closing'
  | 'soak'
>

/**
 * Measures what the options ask for.
 * @param keep given each section as soon as it is measured: a bench that is stopped keeps what it has
 * @throws Error where a row's database does not hold the orders that it answered
 */
export async function measureSections(
  options: BenchOptions,
  parts: Parts,
  rows: RunningRow[],
  log: (line: string) => void,
  keep: (section: Measured) => void,
): Promise<void> {
  const {
    callers,
    originalCallers,
    hotSkuCallers,
    grpcCallers,
    smoke,
    seconds,
    warmupSeconds,
    rounds,
    linesPerOrder: lines,
    sections,
  } = options
  const has = (section: (typeof sections)[number]) => sections.includes(section)
  const usual = { seconds, warmupSeconds, lines }
  const measureRows = async (section: Section, tasks: CellTask[]) => {
    const measured = rows.filter(({ key }) => isMeasuredIn(section, key))
    return await measureTable({ rows: measured, tasks, rounds }, parts, log)
  }

  if (has('table')) {
    const tasks = callers.map((callers) => ({ ...usual, callers }))
    const table = (await measureRows('table', tasks)).map(({ line }) => line)
    await requireOrders(rows, table)
    keep({ table })
  }
  if (has('compensation')) {
    const measured = await measureRows('compensation', [{ ...usual, callers: 1, soldOut: true }])
    keep({ compensation: measured.map(({ line }) => line) })
  }
  if (has('sizes')) {
    const tasks = ORDER_SIZES.map((lines) => ({ ...usual, callers: CALLERS_OF_SIZES, lines }))
    const measured = await measureRows('sizes', tasks)
    keep({ orderSizes: measured.map(({ task, line }) => ({ goods: task.lines, ...line })) })
  }
  if (has('original')) {
    const met = originalCallers.map((callers): CellTask => ({ ...usual, callers, choice: 'met' }))
    const original = (await measureRows('original', met)).map(({ line }) => line)
    await requireOrders(rows, original)
    keep({ original })
    const hot = hotSkuCallers.map((callers): CellTask => ({ ...usual, callers, lines: 1, choice: 'hot' }))
    keep({ hotSku: (await measureRows('original', hot)).map(({ line }) => line) })
  }
  if (has('grpc')) {
    const tasks = grpcCallers.map((callers): CellTask => ({ ...usual, callers, fromCarts: true }))
    const grpc = (await measureRows('grpc', tasks)).map(({ line }) => line)
    await requireOrders(rows, grpc)
    keep({ grpc })
  }
  if (has('encrypted')) {
    const tasks = callers.map((callers) => ({ ...usual, callers }))
    const encrypted = (await measureRows('encrypted', tasks)).map(({ line }) => line)
    await requireOrders(rows, encrypted)
    keep({ encrypted })
  }
  if (has('flood')) {
    const flood: Flood[] = []
    for (const row of rows.filter(({ key }) => isMeasuredIn('flood', key))) flood.push(...(await runFlood(row, usual, log)))
    keep({ flood })
  }
  if (has('paced')) {
    const paced = await measureRows('paced', [{ ...usual, callers: CONNECTIONS_OF_PACED, perSecond: PACED_PER_SECOND }])
    keep({ paced: paced.map(({ line }) => line) })
  }
  if (has('peers')) {
    const tasks = callers.map((callers) => ({ ...usual, callers }))
    const peers = (await measureRows('peers', tasks)).map(({ line }) => line)
    await requireOrders(rows, peers)
    keep({ peers })
  }
  const together = smoke ? 4 : 64
  if (has('hot')) {
    const one = { ...usual, callers: together, lines: 1 }
    const hot = await measureRows('hot', [
      { ...one, label: 'different goods' },
      { ...one, choice: 'hot', label: 'one goods' },
    ])
    keep({ hot: hot.map(({ line }) => line) })
  }
  if (has('repeats')) {
    const created = { ...usual, callers: together, label: 'new orders' }
    const repeats = await measureRows('repeats', [created, { ...created, label: 'repeats', repeated: true }])
    keep({ repeats: repeats.map(({ line }) => line) })
  }
  const rowOf = (section: Section) => (has(section) ? rows.find(({ key }) => isMeasuredIn(section, key)) : undefined)
  const overloaded = rowOf('overload')
  if (overloaded) keep({ overload: await runOverload(overloaded, parts, { ...usual, callers: together }, log) })
  const lasting = { ...usual, callers: callers[0] ?? 1 }
  const closing = rowOf('closing')
  if (closing) keep({ closing: await runClosing(closing, parts, { ...lasting, smoke }, log) })
  const soak = rowOf('soak')
  if (soak) keep({ soak: await runSoak(soak, parts, lasting, log) })
}

/** A rate of orders that nobody wrote down would be no rate of orders. */
async function requireOrders(rows: RunningRow[], lines: NonNullable<Results['table']>): Promise<void> {
  for (const row of rows) {
    const { title, createsOrders } = ROWS[row.key]
    if (!createsOrders) continue
    const cells = lines.filter((line) => line.row === title).flatMap(({ rounds }) => rounds)
    const answered = cells.reduce((sum, { orders }) => sum + orders, 0)
    const stored = await row.countOrders()
    if (stored < answered) throw new Error(`${title} answered ${answered} orders, its database holds ${stored}: see its log`)
  }
}
