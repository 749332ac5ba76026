import type { Cell, Line } from './results.ts'
import { median } from './statistics.ts'

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
    ...present(
      'ofDirect',
      of(({ ofDirect }) => ofDirect),
    ),
    ...present(
      'ofOriginal',
      of(({ ofOriginal }) => ofOriginal),
    ),
    ...present(
      'ofHttp',
      of(({ ofHttp }) => ofHttp),
    ),
    ...present(
      'ofPlain',
      of(({ ofPlain }) => ofPlain),
    ),
    ...present(
      'ofFirst',
      of(({ ofFirst }) => ofFirst),
    ),
    ...present(
      'p50OfEmpty',
      of(({ p50OfEmpty }) => p50OfEmpty),
    ),
    ...present(
      'events',
      of(({ events }) => events),
    ),
    ...present(
      'historyBytes',
      of(({ historyBytes }) => historyBytes),
    ),
    ...present(
      'othersCores',
      of(({ othersCores }) => othersCores),
    ),
    ...(processes.length > 0 && {
      cpuMs: Object.fromEntries(processes.map((name) => [name, of(({ cpuMs }) => cpuMs?.[name])])),
    }),
    rounds,
  }
}

function present<Name extends string>(name: Name, value: number): Partial<Record<Name, number>> {
  return Number.isNaN(value) ? {} : ({ [name]: value } as Record<Name, number>)
}
