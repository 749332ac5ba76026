import type { Column } from '../../operators/text-table.ts'
import { markdownTable } from './markdown-table.ts'
import type { Line } from './results.ts'

const COLUMNS: Column<Line>[] = [
  { head: 'Callers', right: true, of: ({ callers }) => `${callers}` },
  { head: 'Row', of: ({ row }) => row },
  { head: 'orders/s', right: true, of: (line) => rateOf(line) },
  { head: 'spread', right: true, of: ({ spread: [low, high] }) => `${rounded(low)}–${rounded(high)}` },
  { head: 'of DIRECT', right: true, of: ({ ofDirect }) => ofDirect?.toFixed(2) ?? '' },
  { head: 'of the original', right: true, of: ({ ofOriginal }) => ofOriginal?.toFixed(2) ?? '' },
  { head: 'of HTTP', right: true, of: ({ ofHttp }) => ofHttp?.toFixed(2) ?? '' },
  { head: 'of plain', right: true, of: ({ ofPlain }) => ofPlain?.toFixed(2) ?? '' },
  { head: 'of the first', right: true, of: ({ ofFirst }) => ofFirst?.toFixed(2) ?? '' },
  { head: 'p50 ms', right: true, of: ({ latencyMs }) => shown(latencyMs?.p50) },
  { head: 'p50 of empty', right: true, of: ({ p50OfEmpty }) => p50OfEmpty?.toFixed(2) ?? '' },
  { head: 'p95 ms', right: true, of: ({ latencyMs }) => shown(latencyMs?.p95) },
  { head: 'p99 ms', right: true, of: ({ latencyMs }) => shown(latencyMs?.p99) },
  { head: 'events', right: true, of: ({ events }) => shown(events) },
  { head: 'history bytes', right: true, of: ({ historyBytes }) => historyBytes?.toFixed(0) ?? '' },
  { head: 'CPU ms', right: true, of: (line) => shown(cpuOfRow(line)) },
  { head: 'starter', right: true, of: ({ cpuMs }) => shown(cpuMs?.starter) },
  { head: 'worker', right: true, of: ({ cpuMs }) => shown(cpuMs?.worker) },
  { head: 'Temporal', right: true, of: ({ cpuMs }) => shown(cpuMs?.temporal) },
  { head: 'its PostgreSQL', right: true, of: ({ cpuMs }) => shown(cpuMs?.['temporal database']) },
  { head: 'PostgreSQL', right: true, of: ({ cpuMs }) => shown(cpuMs?.postgres) },
  { head: 'failed', right: true, of: (line) => failedOf(line) },
]

/** CPU time of one order without the stub services and the load generator, which are the bench's own. Milliseconds. */
export function cpuOfRow({ cpuMs }: Pick<Line, 'cpuMs'>): number | undefined {
  if (!cpuMs) return undefined
  const { starter = 0, worker = 0, temporal = 0, 'temporal database': itsDatabase = 0, postgres = 0 } = cpuMs
  return starter + worker + temporal + itsDatabase + postgres
}

/** The lines as a Markdown table, columns that are empty left out. */
export function resultsTable(lines: readonly Line[]): string {
  return markdownTable(COLUMNS, lines)
}

/** Requests that were answered otherwise than by an order, and what share of all they are. */
function failedOf({ failed, rounds }: Line): string {
  const done = rounds.reduce((sum, { orders }) => sum + orders, 0)
  return failed > 0 ? `${failed} (${((100 * failed) / (failed + done)).toFixed(1)} %)` : ''
}

function rateOf({ ordersPerSecond }: Line): string {
  return ordersPerSecond > 0 ? rounded(ordersPerSecond) : 'no order'
}

function shown(value: number | undefined): string {
  return value === undefined ? '' : rounded(value)
}

/** Three digits say all that a bench of this length knows. */
function rounded(value: number): string {
  if (Number.isNaN(value)) return '–'
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2)
}
