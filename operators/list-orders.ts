import { linesText } from '../contracts/lines-text.ts'
import { type TroubledOrder, troubledOrders } from '../store/troubled-orders.ts'
import { openRunOf } from '../temporal/runs-of-order.ts'
import type { OperatorParts } from './operator-parts.ts'
import { textTable } from './text-table.ts'

/** More would not be read; what is mended makes room. */
const LISTED = 200

/** One order of the list; no personal data. */
export interface ListedOrder extends Omit<TroubledOrder, 'requestId' | 'workflowId'> {
  /** Id of an open run of it. */
  openRun?: string
  next: string
}

/** Orders that are stuck, in doubt or being compensated, and what can be done about each. */
export async function listOrders(parts: OperatorParts): Promise<ListedOrder[]> {
  const troubled = await troubledOrders(parts.db, parts.stuckAfterMs, LISTED)
  return await Promise.all(
    troubled.map(async (order) => {
      const { requestId: _, workflowId: __, ...listed } = order
      const openRun = await openRunOf(parts.client, order)
      return { ...listed, ...(openRun !== undefined && { openRun }), next: nextFor(order, openRun) }
    }),
  )
}

export function listText(orders: readonly ListedOrder[]): string {
  if (orders.length === 0) return 'no order is stuck, in doubt or being compensated'
  return textTable<ListedOrder>(
    [
      { head: 'order', of: ({ orderSn }) => orderSn },
      { head: 'trouble', of: ({ trouble }) => trouble },
      { head: 'status', of: ({ status }) => status },
      { head: 'stock', of: ({ stockState }) => stockState },
      { head: 'idle', right: true, of: ({ idleSeconds }) => durationText(idleSeconds) },
      { head: 'pieces', of: ({ lines }) => linesText(lines) },
      { head: 'open run', of: ({ openRun }) => openRun ?? 'none' },
      { head: 'next', of: ({ next }) => next },
    ],
    orders,
  )
}

function nextFor({ trouble, orderSn }: TroubledOrder, openRun: string | undefined): string {
  if (trouble === 'in doubt') return `resolve ${orderSn} --sold or --not-sold`
  return openRun === undefined ? `retry ${orderSn}, or leave it to the sweep` : `show ${orderSn}`
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`
}
