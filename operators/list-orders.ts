import { linesText } from '../contracts/lines-text.ts'
import type { TroubledOrder } from '../store/troubled-orders.ts'
import { attendanceOf } from '../temporal/attendance.ts'
import { messageOf } from './message-of.ts'
import type { OperatorDeps } from './operator-deps.ts'
import { owedText } from './require-order.ts'
import { answeredAdvice } from './resolve-answered.ts'
import { textTable } from './text-table.ts'

/** More would not be read; what is mended makes room. */
const LISTED = 200

/** One order of the list; no personal data. */
export interface ListedOrder extends Omit<TroubledOrder, 'requestId' | 'workflowId' | 'wasConfirmed'> {
  /** Id of an open run that is at it and gets on. */
  openRun?: string
  /** Types of that run's activities that somebody paused. */
  paused?: string[]
  next: string
}

/** Orders that are stuck, in doubt or being compensated, and what can be done about each. */
export async function listOrders(deps: OperatorDeps): Promise<ListedOrder[]> {
  const troubled = await deps.orders.troubledOrders(deps.stuckAfterMs, LISTED)
  return await Promise.all(
    troubled.map(async (order) => {
      const { requestId: _, workflowId: __, wasConfirmed: ___, ...listed } = order
      return { ...listed, ...(await runsOf(deps, order)) }
    }),
  )
}

/** An order that cannot be asked about is listed as such, and hides no other. */
async function runsOf({ client }: OperatorDeps, order: TroubledOrder): Promise<Pick<ListedOrder, 'openRun' | 'paused' | 'next'>> {
  const { orderSn } = order
  const inDoubt = order.trouble === 'in doubt' && `resolve ${orderSn} --sold or --not-sold`
  try {
    const attendance = await attendanceOf(client, order)
    switch (attendance.kind) {
      case 'attended': {
        const { workflowId: openRun, paused } = attendance
        if (paused.length === 0) return { openRun, next: inDoubt || `show ${orderSn}` }
        return {
          openRun,
          paused,
          next: inDoubt || `${paused.join(', ')} is paused: temporal activity unpause, or retry ${orderSn}`,
        }
      }
      case 'answered':
        return { next: inDoubt || `answered as confirmed by ${attendance.workflowId}: ${answeredAdvice(orderSn)}` }
      case 'abandoned':
        return { next: inDoubt || `retry ${orderSn}, or leave it to ${order.wasConfirmed ? 'closeDueOrders' : 'the sweep'}` }
    }
  } catch (error) {
    return { next: inDoubt || `its runs cannot be asked about (${messageOf(error)}): look again, or show ${orderSn}` }
  }
}

export function listText(orders: readonly ListedOrder[]): string {
  if (orders.length === 0) return 'no order is stuck, in doubt or being compensated'
  return textTable<ListedOrder>(
    [
      { head: 'order', of: ({ orderSn }) => orderSn },
      { head: 'trouble', of: ({ trouble }) => trouble },
      { head: 'status', of: ({ status }) => status },
      { head: 'stock', of: ({ stockState }) => stockState },
      { head: 'owes', of: owedText },
      { head: 'idle', right: true, of: ({ idleSeconds }) => durationText(idleSeconds) },
      { head: 'pieces', of: ({ lines }) => linesText(lines) },
      { head: 'open run', of: ({ openRun }) => openRun ?? 'none' },
      { head: 'next', of: ({ next }) => next },
    ],
    orders,
  )
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
