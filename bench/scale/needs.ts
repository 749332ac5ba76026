import { markdownTable } from '../report/markdown-table.ts'

export type Component = 'starter' | 'temporal' | 'postgres'

/** Processor time of one order, with so many starters. */
export interface Cost {
  replicas: number
  ordersPerSecond: number
  /** Milliseconds by process. */
  cpuMs: Record<string, number>
}

/** Orders a second for which the table says what they need. */
const RATES = [10, 100, 500, 1_000, 5_000]

/** Cores for one that is busy: a third of the time is for peaks, and for what an operating system and a failed neighbour ask. */
const HEADROOM = 1.5

/** Processor time of all components, in milliseconds an order. */
export function totalOf({ cpuMs }: Cost): number {
  return (cpuMs.starter ?? 0) + (cpuMs.temporal ?? 0) + (cpuMs.postgres ?? 0)
}

/** Cores that a rate of orders needs, if one order costs so much in a component. */
export function coresFor(ordersPerSecond: number, cpuMsPerOrder: number): number {
  return (ordersPerSecond * cpuMsPerOrder * HEADROOM) / 1_000
}

/** Cores that each rate needs, as a Markdown table. */
export function needTable({ cpuMs }: Cost): string {
  const cores = (rate: number, name: Component) => coresFor(rate, cpuMs[name] ?? Number.NaN).toFixed(2)
  return markdownTable(
    [
      { head: 'orders/s', right: true, of: (rate: number) => rate.toLocaleString('en-US') },
      { head: 'starters with their workers', right: true, of: (rate) => cores(rate, 'starter') },
      { head: 'Temporal (its database apart)', right: true, of: (rate) => cores(rate, 'temporal') },
      { head: 'PostgreSQL of the orders', right: true, of: (rate) => cores(rate, 'postgres') },
    ],
    RATES,
  )
}
