import { readMemory } from './cpu-times.ts'
import { measureCell } from './measure-cell.ts'
import type { Parts } from './parts.ts'
import type { SoakSlice } from './report/results.ts'
import type { RunningRow } from './rows/running-row.ts'

/** Short enough to see a pause, long enough for a rate. */
const SLICE_SECONDS = 10

/**
 * One row under one load for a long time: does its rate decay, does its memory grow.
 * @param log a line for each slice
 */
export async function runSoak(
  row: RunningRow,
  parts: Parts,
  { callers, seconds, warmupSeconds, lines }: { callers: number; seconds: number; warmupSeconds: number; lines: number },
  log: (line: string) => void,
): Promise<SoakSlice[]> {
  const slices: SoakSlice[] = []
  const start = performance.now()
  let orders = 0
  for (let slice = 0; slice * SLICE_SECONDS < seconds; slice++) {
    const warmup = slice === 0 ? warmupSeconds : 0
    const task = { callers, lines, seconds: Math.min(SLICE_SECONDS, seconds), warmupSeconds: warmup }
    const cell = await measureCell(row, parts, task)
    orders += cell.orders
    const processes = Object.entries({ ...row.pids, ...parts.pids })
    const memory = Object.fromEntries(
      processes.map(([name, pids]) => [name, pids.reduce((sum, pid) => sum + readMemory(pid), 0)]),
    )
    const elapsed = (performance.now() - start) / 1_000
    const p99Ms = cell.latencyMs?.p99
    slices.push({
      seconds: elapsed,
      orders,
      ordersPerSecond: cell.ordersPerSecond,
      ...(p99Ms !== undefined && { p99Ms }),
      memory,
    })
    const megabytes = Object.entries(memory).map(([name, bytes]) => `${name} ${(bytes / 2 ** 20).toFixed(0)}`)
    const rate = `${cell.ordersPerSecond.toFixed(0)}/s, p99 ${p99Ms?.toFixed(0) ?? '–'} ms`
    log(`${elapsed.toFixed(0)} s, ${orders} orders: ${rate}, ${cell.failed} failed, MB: ${megabytes.join(', ')}`)
  }
  return slices
}
