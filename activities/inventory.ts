import type { Line } from '../contracts/order.ts'
import { type Attempt, attempt } from './attempt.ts'
import type { Deps } from './deps.ts'
import { LanePace } from './lane-pace.ts'
import { callStore } from './order-store-call.ts'
import { failureOfCall } from './status-table.ts'
import { timeLeft } from './time-left.ts'

/** What Sell and Reback name: the order number is the key under which the inventory takes each of them once. */
export interface Sale {
  orderSn: string
  /** Equal goods merged; Reback may not know them, the inventory's ledger does. */
  lines: Line[]
}

export function inventoryActivities({
  inventory,
  orders,
  onBatch,
  onCompensation,
  lanePace = new LanePace(),
}: Pick<Deps, 'inventory' | 'orders' | 'onBatch' | 'onCompensation' | 'lanePace'>) {
  /**
   * Takes all lines out of the stock, or none. Twice is once; after a Reback of the same order it is refused.
   * @throws InsufficientStock, OrderClosed
   */
  async function sell({ orderSn, lines }: Sale, atMostMs?: number): Promise<void> {
    onBatch?.('inventory', 'Sell', lines.length)
    await inventory.sell(orderSn, lines, timeLeft(atMostMs)).catch((error: unknown) => {
      throw failureOfCall('inventory/Sell', error, { orderSn })
    })
  }

  async function giveBack({ orderSn, lines }: Sale, atMostMs?: number): Promise<string> {
    onBatch?.('inventory', 'Reback', lines.length)
    await inventory.reback(orderSn, lines, timeLeft(atMostMs)).catch((error: unknown) => {
      onCompensation?.('reback', 'failed')
      throw failureOfCall('inventory/Reback', error, { orderSn })
    })
    return orderSn
  }

  async function markReturned(returned: string[]): Promise<void> {
    const marked = await callStore('markReturned', () => orders.markReturned(returned)).catch((error: unknown) => {
      onCompensation?.('reback', 'failed', returned.length)
      throw error
    })
    onCompensation?.('reback', 'done', marked.length)
    onCompensation?.('reback', 'needless', returned.length - marked.length)
  }

  return {
    sell: (sale: Sale) => sell(sale),

    /**
     * Gives back what Sell took, and records that nothing is owed any more. Without a Sell it leaves a tombstone, so that a
     * Sell still under way is refused. Only for orders that are closed.
     */
    async reback(sale: Sale): Promise<void> {
      await markReturned([await giveBack(sale)])
    },

    /** One quick Sell for each order of a batch, at the same time. @returns one answer for each, in their order */
    async sellOrders(sales: Sale[]): Promise<Attempt[]> {
      return await Promise.all(sales.map((sale) => attempt(lanePace, (ms) => sell(sale, ms).then(() => true as const))))
    },

    /** One quick Reback for each closed order of a batch. @returns the numbers of those that owe nothing any more */
    async rebackOrders(sales: Sale[]): Promise<string[]> {
      const answers = await Promise.all(sales.map((sale) => attempt(lanePace, (ms) => giveBack(sale, ms))))
      const returned = answers.flatMap((answer) => ('done' in answer ? [answer.done] : []))
      if (returned.length > 0) await markReturned(returned)
      return returned
    },
  }
}
