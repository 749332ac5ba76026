import type { Cell, Line } from './results.ts'
import { median } from './statistics.ts'

/** Figures of which a line has the median, if any round has one. */
const FIGURES = [
  ...(['ofDirect', 'ofOriginal', 'ofHttp', 'ofPlain', 'ofFirst', 'p50OfEmpty'] as const),
  ...(['events', 'historyBytes', 'othersCores'] as const),
]
type Figure = (typeof FIGURES)[number]

/** The medians of several rounds of one row. */
export function summarise(row: string, callers: number, rounds: Cell[]): Line {
  const of = (pick: (cell: Cell) => number | undefined) => median(rounds.map((cell) => pick(cell) ?? Number.NaN))
  const rates = rounds.map(({ ordersPerSecond }) => ordersPerSecond)
  const processes = [...new Set(rounds.flatMap(({ cpuMs }) => Object.keys(cpuMs ?? {})))]
  return {
    row,
    callers,
    ordersPerSecond: median(rates),
    spread: [Math.min(...rates), Math.max(...rates)],
    ...(rounds.some(({ latencyMs }) => latencyMs) && {
      latencyMs: {
        p50: of(({ latencyMs }) => latencyMs?.p50),
        p95: of(({ latencyMs }) => latencyMs?.p95),
        p99: of(({ latencyMs }) => latencyMs?.p99),
        max: Math.max(...rounds.flatMap(({ latencyMs }) => latencyMs?.max ?? [])),
      },
    }),
    failed: rounds.reduce((sum, { failed }) => sum + failed, 0),
    ...Object.fromEntries(
      FIGURES.flatMap((name) =>
        present(
          name,
          of((cell) => cell[name]),
        ),
      ),
    ),
    ...(processes.length > 0 && {
      cpuMs: Object.fromEntries(processes.map((name) => [name, of(({ cpuMs }) => cpuMs?.[name])])),
    }),
    rounds,
  }
}

function present(name: Figure, value: number): [Figure, number][] {
  return Number.isNaN(value) ? [] : [[name, value]]
}
