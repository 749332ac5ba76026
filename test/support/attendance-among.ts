import type { Attendance, SoughtOrder } from '../../contracts/attendance.ts'
import { runsOf } from '../../temporal/runs-of-order.ts'

/** Returns the attendance of an order whose open runs the test names. @param open Workflow Ids */
export function attendanceAmong(open: ReadonlySet<string>, order: SoughtOrder): Attendance {
  const workflowId = runsOf(order).find((id) => open.has(id))
  return workflowId === undefined ? { kind: 'abandoned' } : { kind: 'attended', workflowId, paused: [] }
}
