import type { Line } from '../contracts/order.ts'
import type { Deps } from './deps.ts'
import { callStore } from './order-store-call.ts'
import { failureOfCall } from './status-table.ts'

/** What Sell and Reback name: the order number is the key under which the inventory takes each of them once. */
export interface Sale {
  orderSn: string
  /** Equal goods merged; Reback may not know them, the inventory's ledger does. */
  lines: Line[]
}

export function inventoryActivities({ inventory, orders, onBatch }: Pick<Deps, 'inventory' | 'orders' | 'onBatch'>) {
  return {
    /**
     * Takes all lines out of the stock, or none. Twice is once; after a Reback of the same order it is refused.
     * @throws InsufficientStock, OrderClosed
     */
    async sell({ orderSn, lines }: Sale): Promise<void> {
      onBatch?.('inventory', 'Sell', lines.length)
      await inventory.sell(orderSn, lines).catch((error: unknown) => {
        throw failureOfCall('inventory/Sell', error, { orderSn })
      })
    },

    /**
     * Gives back what Sell took, and records that nothing is owed any more. Without a Sell it leaves a tombstone, so that a
     * Sell still under way is refused. Only for orders that are closed.
     */
    async reback({ orderSn, lines }: Sale): Promise<void> {
      onBatch?.('inventory', 'Reback', lines.length)
      await inventory.reback(orderSn, lines).catch((error: unknown) => {
        throw failureOfCall('inventory/Reback', error, { orderSn })
      })
      await callStore('markReturned', () => orders.markReturned([orderSn]))
    },
  }
}
