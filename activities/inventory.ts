import type { Attempt, Sale } from '../contracts/steps.ts'
import type { StockClaim } from '../store/stock-claims.ts'
import { attempt } from './attempt.ts'
import type { Deps } from './deps.ts'
import { failureOfCall } from './failure-of-call.ts'
import { LanePace } from './lane-pace.ts'
import { callStore } from './order-store-call.ts'
import { stockPermit } from './stock-permit.ts'
import { timeLeft } from './time-left.ts'

/** These are the effects of a worker under INVENTORY_MODE=keyed. */
const KEYED = true

export function inventoryActivities({
  inventory,
  orders,
  onBatch,
  onCompensation,
  showStockLeft = false,
  lanePace = new LanePace(),
}: Pick<Deps, 'inventory' | 'orders' | 'onBatch' | 'onCompensation' | 'showStockLeft' | 'lanePace'>) {
  async function claimsOf(sales: readonly Sale[]): Promise<Map<string, StockClaim>> {
    return await callStore('stockClaims', () => orders.stockClaims(sales.map(({ orderSn }) => orderSn)))
  }

  async function sell(sale: Sale, claim: StockClaim | undefined, atMostMs?: number): Promise<void> {
    if (stockPermit('Sell', sale, claim, KEYED) === 'done') return
    const { orderSn, lines } = sale
    onBatch?.('inventory', 'Sell', lines.length)
    await inventory.sell(orderSn, lines, timeLeft(atMostMs)).catch((error: unknown) => {
      throw failureOfCall('inventory/Sell', error, { orderSn }, showStockLeft)
    })
  }

  async function giveBack(sale: Sale, claim: StockClaim | undefined, atMostMs?: number): Promise<string> {
    const { orderSn } = sale
    try {
      if (stockPermit('Reback', sale, claim, KEYED) === 'done') return orderSn
      const lines = claim?.lines ?? []
      onBatch?.('inventory', 'Reback', lines.length)
      await inventory.reback(orderSn, lines, timeLeft(atMostMs)).catch((error: unknown) => {
        throw failureOfCall('inventory/Reback', error, { orderSn })
      })
      return orderSn
    } catch (error) {
      onCompensation?.('reback', 'failed')
      throw error
    }
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
    /**
     * Takes all lines of an order that is CREATING out of the stock, or none. Twice is once; after a Reback of the same order it
     * is refused.
     * @throws InsufficientStock, OrderClosed; InvalidInput for other lines than the order's
     */
    async sell(sale: Sale): Promise<void> {
      await sell(sale, (await claimsOf([sale])).get(sale.orderSn))
    },

    /**
     * Gives back what Sell took, and records that nothing is owed any more. Without a Sell it leaves a tombstone, so that a
     * Sell still under way is refused. Does nothing for a closed order that owes nothing.
     * @throws InvalidInput for an order that is not closed
     */
    async reback(sale: Sale): Promise<void> {
      const claims = await claimsOf([sale]).catch((error: unknown) => {
        onCompensation?.('reback', 'failed')
        throw error
      })
      await markReturned([await giveBack(sale, claims.get(sale.orderSn))])
    },

    /** One quick Sell for each order of a batch, at the same time. @returns one answer for each, in their order */
    async sellOrders(sales: Sale[]): Promise<Attempt[]> {
      const claims = await claimsOf(sales)
      return await Promise.all(
        sales.map((sale) => attempt(lanePace, (ms) => sell(sale, claims.get(sale.orderSn), ms).then(() => true as const))),
      )
    },

    /** One quick Reback for each closed order of a batch. @returns the numbers of those that owe nothing any more */
    async rebackOrders(sales: Sale[]): Promise<string[]> {
      const claims = await claimsOf(sales)
      const answers = await Promise.all(
        sales.map((sale) => attempt(lanePace, (ms) => giveBack(sale, claims.get(sale.orderSn), ms))),
      )
      const returned = answers.flatMap((answer) => ('done' in answer ? [answer.done] : []))
      if (returned.length > 0) await markReturned(returned)
      return returned
    },
  }
}
