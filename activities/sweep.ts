import { log } from '@temporalio/activity'
import type { Attendance, SoughtOrder } from '../contracts/attendance.ts'
import { MAX_SWEPT } from '../contracts/limits.ts'
import { isOrderSn } from '../contracts/order.ts'
import type { LeftAlone } from '../contracts/order-events.ts'
import { isConfirmed, isSettled } from '../store/stored-order.ts'
import type { Deps } from './deps.ts'
import { callStore } from './order-store-call.ts'

const MAX_ORDERS_NAMED = 20

const LEFT_ALONE: Record<LeftAlone, string> = {
  unaskable: 'they cannot be asked about; see orders -- list',
  answered: 'a run that has ended calls them confirmed, and the store does not; see orders -- list',
}

interface Looked {
  orderSn: string
  is: Attendance['kind'] | 'unaskable'
  why?: string
}

export function sweepActivities({
  orders,
  attendanceOf,
  sweepAfterMs,
  onLeftAlone,
}: Pick<Deps, 'orders' | 'attendanceOf' | 'sweepAfterMs' | 'onLeftAlone'>) {
  /** Each order is judged by itself: one that cannot be asked about holds up no other. */
  async function lookAt(order: SoughtOrder): Promise<Looked> {
    const { orderSn } = order
    try {
      // A settleOrder would refuse the number, and a run of an id that is too long could not even be started.
      if (!isOrderSn(orderSn)) throw new Error('its number is none')
      const attendance = await attendanceOf(order)
      if (attendance.kind !== 'answered') return { orderSn, is: attendance.kind }
      const now = await orders.getOrder(orderSn)
      // Confirmed and answered between our two looks.
      if (!now || isSettled(now) || isConfirmed(now)) return { orderSn, is: 'attended' }
      return { orderSn, is: 'answered' }
    } catch (error) {
      return { orderSn, is: 'unaskable', why: String(error) }
    }
  }

  /** One line for all: while Temporal is away it is all of them. */
  function report(kind: LeftAlone, looked: readonly Looked[]): void {
    const left = looked.filter(({ is }) => is === kind)
    for (const _ of left) onLeftAlone?.(kind)
    if (left.length === 0) return
    const [{ why } = {}] = left
    const orderSns = left.slice(0, MAX_ORDERS_NAMED).map(({ orderSn }) => orderSn.slice(0, 16))
    log.error(`${left.length} orders left alone: ${LEFT_ALONE[kind]}`, { orderSns, ...(why && { why }) })
  }

  return {
    /**
     * Numbers of orders that are unsettled for longer than any run may take, and that no open run owns. Left alone are those that
     * cannot be asked about, and those that a run which has ended calls confirmed: what to make of these is an operator's.
     */
    async findAbandonedOrders(): Promise<string[]> {
      const unsettled = await callStore('findUnsettled', () => orders.findUnsettled(sweepAfterMs, MAX_SWEPT))
      const looked = await Promise.all(unsettled.map(lookAt))
      report('unaskable', looked)
      report('answered', looked)
      return looked.filter(({ is }) => is === 'abandoned').map(({ orderSn }) => orderSn)
    },
  }
}
