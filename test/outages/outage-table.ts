import type { Memory } from './memory-watch.ts'
import type { OutageReport } from './run-outage.ts'

const HEADS = [
  ...['Away', 's', 'Orders', 'Answered meanwhile', 'Slowest 503', 'Ended', 'Resumed after', 'Settled after'],
  ...['Worker, MB', 'Starter, MB', 'Violations'],
]

/** Reports as a Markdown table, a row each. */
export function outageTable(reports: readonly OutageReport[]): string {
  const rows = reports.map((one) => [
    one.outage,
    one.seconds,
    one.sent,
    counts(one.meanwhile),
    one.slowest503 === undefined ? '' : `${one.slowest503} ms`,
    counts(one.ended),
    inSeconds(one.resumedAfter),
    inSeconds(one.settledAfter),
    memory(one.memory.worker),
    memory(one.memory.starter),
    one.violations.length,
  ])
  return [HEADS, HEADS.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function counts(of: Record<string, number>): string {
  return Object.entries(of)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function inSeconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : 'never'
}

function memory({ before, peak, after }: Memory): string {
  return `${before}, ${peak} at most, ${after}`
}
