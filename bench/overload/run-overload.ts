import { type CellTask, measureCell } from '../measure-cell.ts'
import type { Parts } from '../parts.ts'
import type { Offered } from '../report/results.ts'
import type { RunningRow } from '../rows/running-row.ts'

/** Rates at which orders come, against what the machine can do. */
const OF_CAPACITY = [0.5, 1, 2, 4]
/** Orders that may be under way: fewer than the starter takes connections, more than ever wait for a second at four times the rate. */
const CALLERS_AT_MOST = 2_400

/**
 * Measures the rate of callers who each wait for their answer, then lets orders come at parts and multiples of that rate whatever their answers
 * take.
 */
export async function runOverload(
  row: RunningRow,
  parts: Parts,
  task: CellTask,
  log: (line: string) => void,
): Promise<Offered[]> {
  const { ordersPerSecond: capacity } = await measureCell(row, parts, task)
  log(`${task.callers} callers who wait: ${capacity.toFixed(1)}/s`)
  const offers: Offered[] = []
  for (const ofCapacity of OF_CAPACITY) {
    const perSecond = capacity * ofCapacity
    const { ordersPerSecond, latencyMs, lateMs, cpuMs, otherwise, load } = await measureCell(row, parts, {
      ...task,
      callers: CALLERS_AT_MOST,
      perSecond,
    })
    offers.push({
      ofCapacity,
      offeredPerSecond: perSecond,
      createdPerSecond: ordersPerSecond,
      ...(latencyMs && { createdMs: latencyMs }),
      ...(lateMs && { lateMs }),
      ...(cpuMs && { cores: coresOf(cpuMs, ordersPerSecond) }),
      otherwise,
      load,
    })
    const others = Object.entries(otherwise).map(
      ([status, { count, latencyMs }]) => `${count} × ${status} (${latencyMs.p99.toFixed(0)} ms)`,
    )
    log(
      `${perSecond.toFixed(0)}/s offered: ${ordersPerSecond.toFixed(1)}/s created, p99 ${latencyMs?.p99.toFixed(0)} ms; ${others.join(', ')}`,
    )
  }
  return offers
}

function coresOf(cpuMs: Record<string, number>, ordersPerSecond: number): Record<string, number> {
  return Object.fromEntries(Object.entries(cpuMs).map(([process, ms]) => [process, (ms * ordersPerSecond) / 1_000]))
}
