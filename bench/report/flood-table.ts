import type { Column } from '../../operators/text-table.ts'
import type { Flood } from '../flood/run-flood.ts'
import { markdownTable } from './markdown-table.ts'

const COLUMNS: Column<Flood>[] = [
  { head: 'Row', of: ({ row }) => row },
  { head: 'Flood of', of: ({ verb }) => `\`${verb}\`` },
  { head: 'p95 quiet, ms', right: true, of: ({ quietP95 }) => quietP95.toFixed(0) },
  { head: 'p95 flooded, ms', right: true, of: ({ floodedP95 }) => floodedP95.toFixed(0) },
  { head: 'of quiet', right: true, of: ({ ofQuiet }) => ofQuiet.toFixed(2) },
  { head: 'not created', right: true, of: ({ failed }) => (failed > 0 ? `${failed}` : '') },
  { head: 'answers to the flood, a second', of: ({ answers }) => answersOf(answers) },
]

/** The floods as a Markdown table. */
export function floodTable(floods: readonly Flood[]): string {
  return markdownTable(COLUMNS, floods)
}

function answersOf(answers: Flood['answers']): string {
  return Object.entries(answers)
    .map(([status, rate]) => `${rate.toFixed(0)} × ${status}`)
    .join(', ')
}
