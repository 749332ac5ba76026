import { anyNumber, anyText, FLAG, ID, oneOf } from '../contracts/kinds.ts'
import { linesText } from '../contracts/lines-text.ts'
import { LINE, STATUS, STOCK_STATE } from '../contracts/order.ts'
import { body, ifKnown, list, type TypeOf } from '../contracts/schema.ts'
import { TROUBLES, type TroubledOrder, type TroubledPlace } from '../store/troubled-orders.ts'
import { attendanceOf } from '../temporal/attendance.ts'
import { cursor, MICROS, STORED_TEXT } from './cursor.ts'
import { messageOf } from './message-of.ts'
import type { OperatorDeps } from './operator-deps.ts'
import { type AskedPage, NEXT, nextOf, pageOf, pageText } from './page.ts'
import { owedText } from './require-order.ts'
import { answeredAdvice } from './resolve-answered.ts'
import { textTable } from './text-table.ts'

/** A place in the list of orders. */
export const TROUBLED_CURSOR = cursor<TroubledPlace>(FLAG, MICROS, STORED_TEXT)

/** One order of the list; no personal data. */
const TROUBLED_ORDER = body('TroubledOrder', {
  orderSn: anyText({ description: 'The number of the order.' }),
  userId: ID,
  trouble: oneOf(TROUBLES, 'stuck: CREATING for longer than any run may take; compensating: closed, and something is owed.'),
  status: STATUS,
  stockState: STOCK_STATE,
  owed: list(anyText(), { description: 'The participants to whom it owes something.' }),
  lines: list(LINE, { description: 'What was asked for.' }),
  idleSeconds: anyNumber({ description: 'Time since its last change.' }),
  openRun: ifKnown(anyText({ description: 'The id of an open run that is at it and gets on.' })),
  paused: ifKnown(list(anyText(), { description: "The types of that run's activities that somebody paused." })),
  next: anyText({ description: 'What can be done about it.' }),
})
export type ListedOrder = TypeOf<typeof TROUBLED_ORDER>

/** One page of the list. */
export const TROUBLED_ORDERS = body('TroubledOrders', {
  orders: list(TROUBLED_ORDER, { description: 'Those in doubt first, the longest idle first.' }),
  next: NEXT,
})
type ListedOrders = TypeOf<typeof TROUBLED_ORDERS>

/** Lists orders that are stuck, in doubt or being compensated, and what can be done about each. */
export async function listOrders(deps: OperatorDeps, asked: AskedPage = {}): Promise<ListedOrders> {
  const page = await deps.orders.troubledOrders(deps.stuckAfterMs, pageOf(TROUBLED_CURSOR, asked))
  const orders = await Promise.all(
    page.orders.map(async (order) => {
      const { requestId: _, workflowId: __, wasConfirmed: ___, ...listed } = order
      return { ...listed, ...(await runsOf(deps, order)) }
    }),
  )
  return { orders, ...nextOf(page) }
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

export function listText({ orders, next }: ListedOrders): string {
  if (orders.length === 0) return 'no order is stuck, in doubt or being compensated'
  const table = textTable<ListedOrder>(
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
  return pageText(table, next)
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
