import type { Line } from './results.ts'

/** Columns of numbers right, of words left; a Markdown table that is also readable as it is. */
const COLUMNS: { head: string; right?: true; of: (line: Line) => string }[] = [
  { head: 'Callers', right: true, of: ({ callers }) => `${callers}` },
  { head: 'Row', of: ({ row }) => row },
  { head: 'orders/s', right: true, of: ({ ordersPerSecond }) => rounded(ordersPerSecond) },
  { head: 'spread', right: true, of: ({ spread: [low, high] }) => `${rounded(low)}–${rounded(high)}` },
  { head: 'of DIRECT', right: true, of: ({ ofDirect }) => ofDirect?.toFixed(2) ?? '' },
  { head: 'p50 ms', right: true, of: ({ latencyMs }) => rounded(latencyMs.p50) },
  { head: 'p95 ms', right: true, of: ({ latencyMs }) => rounded(latencyMs.p95) },
  { head: 'p99 ms', right: true, of: ({ latencyMs }) => rounded(latencyMs.p99) },
  { head: 'events', right: true, of: ({ events }) => shown(events) },
  { head: 'history bytes', right: true, of: ({ historyBytes }) => historyBytes?.toFixed(0) ?? '' },
  { head: 'CPU ms', right: true, of: (line) => shown(cpuOfRow(line)) },
  { head: 'starter', right: true, of: ({ cpuMs }) => shown(cpuMs?.starter) },
  { head: 'worker', right: true, of: ({ cpuMs }) => shown(cpuMs?.worker) },
  { head: 'Temporal', right: true, of: ({ cpuMs }) => shown(cpuMs?.temporal) },
  { head: 'its PostgreSQL', right: true, of: ({ cpuMs }) => shown(cpuMs?.['temporal database']) },
  { head: 'PostgreSQL', right: true, of: ({ cpuMs }) => shown(cpuMs?.postgres) },
  { head: 'failed', right: true, of: ({ failed }) => (failed > 0 ? `${failed}` : '') },
]

/** CPU time of one order without the stub services and the load generator, which are the bench's own. Milliseconds. */
export function cpuOfRow({ cpuMs }: Pick<Line, 'cpuMs'>): number | undefined {
  if (!cpuMs) return undefined
  const { starter = 0, worker = 0, temporal = 0, 'temporal database': itsDatabase = 0, postgres = 0 } = cpuMs
  return starter + worker + temporal + itsDatabase + postgres
}

/** The lines as a Markdown table, columns that are empty left out. */
export function textTable(lines: readonly Line[]): string {
  const columns = COLUMNS.map((column) => ({ ...column, cells: lines.map(column.of) })).filter(({ cells }) => cells.some(Boolean))
  const width = columns.map(({ head, cells }) => Math.max(head.length, ...cells.map((cell) => cell.length)))
  const row = (texts: string[]) => `| ${texts.join(' | ')} |`
  const pad = (text: string, i: number) => (columns[i]?.right ? text.padStart(width[i] ?? 0) : text.padEnd(width[i] ?? 0))
  return [
    row(columns.map(({ head }, i) => pad(head, i))),
    `|${columns.map(({ right }, i) => `${'-'.repeat((width[i] ?? 0) + 1)}${right ? ':' : '-'}`).join('|')}|`,
    ...lines.map((_, n) => row(columns.map(({ cells }, i) => pad(cells[n] ?? '', i)))),
  ].join('\n')
}

function shown(value: number | undefined): string {
  return value === undefined ? '' : rounded(value)
}

/** Three digits say all that a bench of this length knows. */
function rounded(value: number): string {
  if (Number.isNaN(value)) return '–'
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 10 ? 1 : 2)
}
