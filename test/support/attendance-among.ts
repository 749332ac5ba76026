import type { Attendance, SoughtOrder } from '../../contracts/attendance.ts'
import { runsOf } from '../../temporal/runs-of-order.ts'

/** Of an order whose runs are open by the word of a test. @param open Workflow Ids */
export function attendanceAmong(open: ReadonlySet<string>, order: SoughtOrder): Attendance {
  const workflowId = runsOf(order).find((id) => open.has(id))
  return workflowId === undefined ? { kind: 'abandoned' } : { kind: 'attended', workflowId, paused: [] }
}
