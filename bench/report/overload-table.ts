import type { Column } from '../../operators/text-table.ts'
import { markdownTable } from './markdown-table.ts'
import type { Offered } from './results.ts'

const COLUMNS: Column<Offered>[] = [
  { head: 'of capacity', right: true, of: ({ ofCapacity }) => `${ofCapacity}` },
  { head: 'offered/s', right: true, of: ({ offeredPerSecond }) => offeredPerSecond.toFixed(0) },
  { head: 'created/s', right: true, of: ({ createdPerSecond }) => createdPerSecond.toFixed(0) },
  { head: 'p50 ms', right: true, of: ({ createdMs }) => createdMs?.p50.toFixed(0) ?? '' },
  { head: 'p99 ms', right: true, of: ({ createdMs }) => createdMs?.p99.toFixed(0) ?? '' },
  { head: 'sent late, p99 ms', right: true, of: ({ lateMs }) => lateMs?.p99.toFixed(0) ?? '' },
  {
    head: 'cores',
    of: ({ cores = {} }) =>
      Object.entries(cores)
        .map(([process, busy]) => `${process} ${busy.toFixed(2)}`)
        .join(', '),
  },
  { head: 'otherwise, with p99 and the slowest', of: ({ otherwise }) => othersOf(otherwise) },
]

/** The answers at each rate as a Markdown table. */
export function overloadTable(offers: readonly Offered[]): string {
  return markdownTable(COLUMNS, offers)
}

function othersOf(otherwise: Offered['otherwise']): string {
  return Object.entries(otherwise)
    .map(
      ([
        status,
        {
          count,
          latencyMs: { p99, max },
        },
      ]) => `${count} × ${status} (${p99.toFixed(0)} ms, ${max.toFixed(0)})`,
    )
    .join(', ')
}
