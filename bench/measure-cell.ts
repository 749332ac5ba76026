import { loadavg } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CpuTimes, readCpuTimes } from './cpu-times.ts'
import type { Choice } from './order-body.ts'
import type { Parts } from './parts.ts'
import { putCarts } from './put-carts.ts'
import type { Cell } from './report/results.ts'
import type { RunningRow } from './rows/running-row.ts'

/** Conditions under which one cell is measured. */
export interface CellTask {
  callers: number
  /** Orders a second, whatever the answers take; otherwise each caller orders when it has its answer. */
  perSecond?: number
  seconds: number
  warmupSeconds: number
  /** Distinct goods an order. */
  lines: number
  /** @default apart */
  choice?: Choice
  /** The orders are those of carts, which are filled beforehand. */
  fromCarts?: boolean
  /** Each caller sends one order again and again, with its key. */
  repeated?: true
  /** Name of the condition, behind that of the row. */
  label?: string
  /** Every order asks for sold-out goods, and its refusal is what counts. */
  soldOut?: boolean
}

/** Callers may be answered before their run is over: it ends before the row is paused. Milliseconds. */
const AFTERMATH_MS = 500

/** Seconds for which a cell may last longer than it should, on a slow machine: there are carts for them. */
const SPARE_SECONDS = 5

/** A cell, and the window in which it was measured. */
export type TimedCell = Cell & { from: Date; to: Date }

/** Wakes a row, warms it up, measures it, and pauses it. */
export async function measureCell(row: RunningRow, parts: Parts, task: CellTask): Promise<TimedCell> {
  const [load = 0] = loadavg()
  const processes = { ...row.pids, ...parts.pids }
  const cpu: Partial<Record<'begins' | 'over', CpuTimes | undefined>> = {}
  const at = { begins: new Date(), over: new Date() }
  const carts = task.fromCarts && (await putCarts(row.databaseUrl, task.warmupSeconds + task.seconds + SPARE_SECONDS, task.lines))
  row.resume()
  try {
    const measured = await parts.load.run(
      {
        ...row.door,
        callers: task.callers,
        ...(task.perSecond !== undefined && { perSecond: task.perSecond }),
        ...(task.repeated && { repeated: task.repeated }),
        warmupMs: task.warmupSeconds * 1_000,
        measureMs: task.seconds * 1_000,
        lines: task.lines,
        choice: task.choice ?? 'apart',
        ...(carts && { carts }),
        soldOut: task.soldOut ?? false,
        expected: task.soldOut ? 422 : 201,
      },
      (edge) => {
        cpu[edge] = readCpuTimes(processes)
        at[edge] = new Date()
      },
    )
    const { done, seconds, latencyMs, lateMs, failed, sample, otherwise } = measured
    return {
      ordersPerSecond: done / seconds,
      ...(latencyMs && { latencyMs }),
      ...(lateMs && { lateMs }),
      orders: done,
      failed,
      otherwise,
      ...(sample !== undefined && { sample }),
      load,
      ...(cpu.begins && cpu.over && cpuOf(cpu.begins, cpu.over, done, seconds)),
      from: at.begins,
      to: at.over,
    }
  } finally {
    await sleep(AFTERMATH_MS)
    row.pause()
  }
}

function cpuOf(before: CpuTimes, after: CpuTimes, orders: number, seconds: number): Pick<Cell, 'cpuMs' | 'othersCores'> {
  const spent = Object.entries(after.byName).map(([name, ms]) => [name, ms - (before.byName[name] ?? 0)] as const)
  const ours = spent.reduce((sum, [, ms]) => sum + ms, 0)
  return {
    ...(orders > 0 && { cpuMs: Object.fromEntries(spent.map(([name, ms]) => [name, ms / orders])) }),
    othersCores: Math.max(0, after.machine - before.machine - ours) / (seconds * 1_000),
  }
}
