import { historyCost } from './history-cost.ts'
import { type CellTask, measureCell, type TimedCell } from './measure-cell.ts'
import type { Parts } from './parts.ts'
import type { Cell, Line } from './report/results.ts'
import { summarise } from './report/summarise.ts'
import { ROWS, type RowKey } from './rows/rows.ts'
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
    const ofRow = (wanted: RowKey) => [...byRow].find(([{ key }]) => key === wanted)?.[1]
    const [direct, original] = [ofRow('direct'), ofRow('original')]
    const http = task.fromCarts ? ofRow('lane') : undefined
    const plain = ofRow('encrypted') && ofRow('lane')
    const empty = ofRow('empty')
    const first = tasks[0] === task || task.label === undefined ? undefined : cells.get(tasks[0] as CellTask)
    for (const [row, measured] of byRow) {
      const finished = await Promise.all(
        measured.map(async (cell, round) => ({
          ...(await finish(cell, row, parts)),
          ...shareOf(cell, row, 'ofDirect', direct?.[round]),
          ...shareOf(cell, row, 'ofOriginal', original?.[round]),
          ...shareOf(cell, row, 'ofHttp', http?.[round]),
          ...shareOf(cell, row, 'ofPlain', plain?.[round]),
          ...shareOf(cell, row, 'ofFirst', first?.get(row)?.[round]),
          ...p50OfEmpty(cell, row, empty?.[round]),
        })),
      )
      lines.push({
        task,
        line: summarise(task.label ? `${ROWS[row.key].title}, ${task.label}` : ROWS[row.key].title, task.callers, finished),
      })
    }
  }
  return lines
}

/** Histories are counted when everything is measured: asking for them is work for the server. */
async function finish({ from, to, ...cell }: TimedCell, row: RunningRow, { client }: Parts): Promise<Cell> {
  const history = ROWS[row.key].onTemporal ? await historyCost(client, row.taskQueue, from, to) : {}
  return { ...cell, ...history }
}

type ShareName = 'ofDirect' | 'ofOriginal' | 'ofHttp' | 'ofPlain' | 'ofFirst'

/** The rate of a cell against that of another row in the same round, if there are both. */
function shareOf(cell: TimedCell, row: RunningRow, name: ShareName, other?: TimedCell): Partial<Cell> {
  if (!other?.orders || !ROWS[row.key].createsOrders) return {}
  return { [name]: cell.ordersPerSecond / other.ordersPerSecond }
}

function p50OfEmpty({ latencyMs }: TimedCell, row: RunningRow, empty?: TimedCell): Partial<Cell> {
  if (!latencyMs || !empty?.latencyMs || row.key === 'empty' || !ROWS[row.key].onTemporal) return {}
  return { p50OfEmpty: latencyMs.p50 / empty.latencyMs.p50 }
}
