import type { Attendance, SoughtOrder } from '../contracts/attendance.ts'
import { isOrderSn } from '../contracts/order.ts'
import { answerGiven } from './answer-given.ts'
import { describeRun, type RunClient, type RunSeen } from './describe-run.ts'
import { getsOn } from './gets-on.ts'
import { runsOf } from './runs-of-order.ts'

/**
 * Asks how the runs of an unsettled order attend to it.
 * @param stalledAfterMs after how long a run whose task nobody takes is at nothing @default STALLED_AFTER_MS
 * @throws the server's error, if it could not be asked; Error for an order whose number is none: no run of ours can be at it, or settle it
 */
export async function attendanceOf(client: RunClient, order: SoughtOrder, stalledAfterMs?: number): Promise<Attendance> {
  if (!isOrderSn(order.orderSn)) throw new Error('its number is none, and no run can settle it')
  const workflowIds = runsOf(order)
  for (const workflowId of workflowIds) {
    const run = await describeRun(client, workflowId)
    if (run && (await getsOn(client, run, order.orderSn, stalledAfterMs))) {
      return { kind: 'attended', workflowId, paused: pausedIn(run) }
    }
  }
  // An order that the shop has closed since was answered as confirmed once, and rightly.
  const answer = order.wasConfirmed ? undefined : await answerGiven(client, order.orderSn, workflowIds)
  return answer ? { kind: 'answered', ...answer } : { kind: 'abandoned' }
}

/** Types of the run's activities that somebody paused. */
export function pausedIn({ raw }: RunSeen): string[] {
  return (raw.pendingActivities ?? []).flatMap(({ paused, activityType }) => (paused ? [activityType?.name ?? ''] : []))
}
