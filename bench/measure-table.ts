import { historyCost } from './history-cost.ts'
import { type CellTask, measureCell, type TimedCell } from './measure-cell.ts'
import type { Parts } from './parts.ts'
import type { Cell, Line } from './report/results.ts'
import { summarise } from './report/summarise.ts'
import { ROWS } from './rows/rows.ts'
import type { RunningRow } from './rows/running-row.ts'

/** Something that every row is measured under. */
export interface Condition {
  rows: RunningRow[]
  tasks: CellTask[]
  rounds: number
}

/**
 * Measures every row under every task, round by round: the rows take turns within a task, so that what changes on the machine
 * meets all of them, and another one begins each round.
 * @param log a line for each cell
 * @returns a line for each row and task, in the tasks' order
 */
export async function measureTable(
  { rows, tasks, rounds }: Condition,
  parts: Parts,
  log: (line: string) => void,
): Promise<{ task: CellTask; line: Line }[]> {
  const cells = new Map<CellTask, Map<RunningRow, TimedCell[]>>(
    tasks.map((task) => [task, new Map(rows.map((row) => [row, []]))]),
  )
  for (let round = 0; round < rounds; round++) {
    for (const task of tasks) {
      for (let turn = 0; turn < rows.length; turn++) {
        const row = rows[(turn + round) % rows.length] as RunningRow
        const cell = await measureCell(row, parts, task)
        cells.get(task)?.get(row)?.push(cell)
        const at = `round ${round + 1}, ${task.callers} callers, ${task.lines} lines`
        const { ordersPerSecond, latencyMs, failed, sample = 'no answer came' } = cell
        const found = latencyMs
          ? `${ordersPerSecond.toFixed(1)}/s, p50 ${latencyMs.p50.toFixed(1)} ms`
          : `no order was done, ${failed} failed: ${sample}`
        log(`${at}, ${ROWS[row.key].title}: ${found}`)
      }
    }
  }
  const lines: { task: CellTask; line: Line }[] = []
  for (const [task, byRow] of cells) {
    const direct = [...byRow].find(([{ key }]) => key === 'direct')?.[1]
    for (const [row, measured] of byRow) {
      const finished = await Promise.all(measured.map((cell, round) => finish(cell, row, parts, direct?.[round])))
      lines.push({ task, line: summarise(ROWS[row.key].title, task.callers, finished) })
    }
  }
  return lines
}

/** Histories are counted when everything is measured: asking for them is work for the server. */
async function finish({ from, to, ...cell }: TimedCell, row: RunningRow, { client }: Parts, direct?: TimedCell): Promise<Cell> {
  const history = ROWS[row.key].onTemporal ? await historyCost(client, row.taskQueue, from, to) : {}
  const comparable = direct && direct.orders > 0 && ROWS[row.key].createsOrders
  const ofDirect = comparable && { ofDirect: cell.ordersPerSecond / direct.ordersPerSecond }
  return { ...cell, ...history, ...ofDirect }
}
