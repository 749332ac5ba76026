import { connectDatabase } from '../../store/database.ts'
import type { CellTask } from '../measure-cell.ts'
import type { Parts } from '../parts.ts'
import type { Closing } from '../report/results.ts'
import type { RunningRow } from '../rows/running-row.ts'
import { cancelSteadily } from './cancel-steadily.ts'
import { closeBacklog } from './close-backlog.ts'

/** Orders of the backlog, and how many are cancelled. */
const AMOUNTS = {
  usual: { backlog: 20_000, perSecond: 50, seconds: 30 },
  smoke: { backlog: 100, perSecond: 5, seconds: 2 },
}

/**
 * Measures the end of orders: cancels at a steady rate, and a backlog of due orders beside those that are being created.
 * @param log a line for each finding
 */
export async function runClosing(
  row: RunningRow,
  parts: Parts,
  { smoke, ...task }: CellTask & { smoke: boolean },
  log: (line: string) => void,
): Promise<Closing> {
  const { backlog: due, ...steady } = AMOUNTS[smoke ? 'smoke' : 'usual']
  const db = connectDatabase(row.databaseUrl, { max: 3, statementTimeoutMs: 60_000 })
  try {
    const cancels = await cancelSteadily(row, db, { ...steady, from: due })
    const { p50, p99, max } = cancels.backMs
    log(
      `${cancels.cancelled} cancels, ${cancels.perSecond}/s, ${cancels.refused} refused, ${cancels.left} left: stock back after`,
    )
    log(`p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, at most ${max.toFixed(0)} ms from the request`)
    const backlog = await closeBacklog(row, db, parts, task, due)
    const { alonePerSecond, besidePerSecond, givenBack, givenBackPerSecond, left, ofCreation, creationKept } = backlog
    log(
      `created at ${task.callers} callers: ${alonePerSecond.toFixed(0)}/s without a backlog, ${besidePerSecond.toFixed(0)}/s beside one of ${due}`,
    )
    log(
      `(${creationKept.toFixed(2)} times); ${givenBack} closed and given back meanwhile: ${givenBackPerSecond.toFixed(0)}/s, ${ofCreation.toFixed(2)} times the first rate; ${left} left at the end`,
    )
    return { backlog, cancels }
  } finally {
    await db.destroy()
  }
}
