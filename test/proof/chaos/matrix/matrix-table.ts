import { markdownTable } from '../../../../bench/report/markdown-table.ts'
import { FAULTS, type Fault } from './cells.ts'
import type { CellResult } from './run-cell.ts'
import { STEPS, type StepName, stepOf } from './steps.ts'

/** Mark of a cell that can't be, or of which none was run. */
export const NO_CELL = '–'
export const BROKEN_CELL = 'BROKEN'

/** Failure × step → ending, as a Markdown table; lanes that end otherwise than the others are named. */
export function matrixTable(results: readonly CellResult[]): string {
  const steps = Object.keys(STEPS) as StepName[]
  return markdownTable(
    [
      { head: 'step', of: (step) => `${step} (${stepOf(step).party})` },
      ...FAULTS.map((fault) => ({ head: fault, of: (step: StepName) => cellText(results, step, fault) })),
    ],
    steps,
  )
}

function cellText(results: readonly CellResult[], step: StepName, fault: Fault): string {
  const of = results.filter(({ cell }) => cell.step === step && cell.fault === fault)
  const lanesOf = new Map<string, string[]>()
  for (const { cell, ending, violations } of of) {
    const text = violations.length > 0 ? BROKEN_CELL : (ending ?? BROKEN_CELL)
    lanesOf.set(text, [...(lanesOf.get(text) ?? []), cell.lane])
  }
  if (lanesOf.size < 2) return [...lanesOf.keys()][0] ?? NO_CELL
  return [...lanesOf].map(([text, lanes]) => `${lanes.sort().join(', ')}: ${text}`).join('; ')
}
