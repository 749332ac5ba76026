import { markdownTable } from '../../../bench/report/markdown-table.ts'
import type { Memory } from './memory-watch.ts'
import type { OutageReport } from './run-outage.ts'

/** Reports as a Markdown table, a row each. */
export function outageTable(reports: readonly OutageReport[]): string {
  return markdownTable(
    [
      { head: 'Away', of: ({ outage }) => outage },
      { head: 's', of: ({ seconds }) => `${seconds}` },
      { head: 'Orders', of: ({ sent }) => `${sent}` },
      { head: 'Answered meanwhile', of: ({ meanwhile }) => counts(meanwhile) },
      { head: 'Slowest 503', of: ({ slowest503 }) => (slowest503 === undefined ? '' : `${slowest503} ms`) },
      { head: 'Ended', of: ({ ended }) => counts(ended) },
      { head: 'Resumed after', of: ({ resumedAfter }) => inSeconds(resumedAfter) },
      { head: 'Settled after', of: ({ settledAfter }) => inSeconds(settledAfter) },
      { head: 'Worker, MB', of: ({ memory: { worker } }) => memoryText(worker) },
      { head: 'Starter, MB', of: ({ memory: { starter } }) => memoryText(starter) },
      { head: 'Violations', of: ({ violations }) => `${violations.length}` },
    ],
    reports,
  )
}

function counts(of: Record<string, number>): string {
  return Object.entries(of)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function inSeconds(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(1)} s` : 'never'
}

function memoryText({ before, peak, after }: Memory): string {
  return `${before}, ${peak} at most, ${after}`
}
