import { failureOf, refusal, refusalIn } from '../contracts/failures.ts'
import type { Line } from '../contracts/order.ts'
import type { StockEffect } from '../store/unkeyed-stock.ts'
import type { Attempt } from './attempt.ts'
import type { Deps } from './deps.ts'
import { inDoubt } from './in-doubt.ts'
import type { inventoryActivities, Sale } from './inventory.ts'
import { callStore } from './order-store-call.ts'
import { failureOfCall } from './status-table.ts'
import { stockOutcomeOf } from './stock-answers.ts'
import { timeLeft } from './time-left.ts'

/**
 * Sell and Reback for an inventory that takes whatever arrives, however often (INVENTORY_MODE=unkeyed). Each is sent only
 * when the row says durably that it was, and the row forgets that only by an answer that proves whether it was applied:
 * at most one of them is ever applied. Everything else is neither repeated nor undone, but left in doubt.
 */
export function unkeyedInventoryActivities({
  inventory,
  unkeyed,
  onBatch,
  onCompensation,
}: Pick<Deps, 'inventory' | 'onBatch' | 'onCompensation'> & Required<Pick<Deps, 'unkeyed'>>): ReturnType<
  typeof inventoryActivities
> {
  /** @returns whether this attempt applied it; otherwise an earlier one did */
  async function once(effect: StockEffect, { orderSn, lines }: Sale): Promise<boolean> {
    switch (await callStore('markSent', () => unkeyed.markSent(orderSn, effect))) {
      case 'done':
        return false
      case 'unanswered':
        throw doubtful(orderSn, effect, lines)
      case 'closed':
        throw failureOf(refusal('OrderClosed', `order ${orderSn} asks for no ${effect} any more`, { orderSn }))
      case 'send':
    }
    const error = await send(effect, orderSn, lines)
    const outcome = error === undefined ? 'APPLIED' : stockOutcomeOf(error)
    const failure = error === undefined ? undefined : failureOfCall(`inventory/${effect}`, error, { orderSn })
    if (outcome === 'UNKNOWN') {
      await callStore('noteEvidence', () => unkeyed.noteEvidence(orderSn, effect, failure?.message ?? String(error)))
      throw doubtful(orderSn, effect, lines)
    }
    const recorded = await callStore('recordAnswer', () => unkeyed.recordAnswer(orderSn, effect, outcome === 'APPLIED'))
    if (!recorded) throw doubtful(orderSn, effect, lines)
    if (failure) throw failure
    return true
  }

  async function send(effect: StockEffect, orderSn: string, lines: Line[]): Promise<unknown> {
    onBatch?.('inventory', effect, lines.length)
    const call = effect === 'Sell' ? inventory.sell(orderSn, lines, timeLeft()) : inventory.reback(orderSn, lines, timeLeft())
    return await call.then(
      () => undefined,
      (error: unknown) => error ?? new Error('no answer'),
    )
  }

  return {
    /** @throws InsufficientStock, OrderClosed, OrderInDoubt */
    async sell(sale: Sale): Promise<void> {
      await once('Sell', sale)
    },

    /** Only for orders that are closed and owe it. @throws OrderInDoubt, when the row says so too */
    async reback(sale: Sale): Promise<void> {
      try {
        const appliedHere = await once('Reback', sale)
        onCompensation?.('reback', appliedHere ? 'done' : 'needless')
      } catch (error) {
        onCompensation?.('reback', 'failed')
        if (refusalIn(error)?.type === 'OrderInDoubt') await callStore('doubtReback', () => unkeyed.doubtReback(sale.orderSn))
        throw error
      }
    },

    /** The express lane rests on keys. Nothing is sent: each order gets a saga of its own. */
    async sellOrders(sales: Sale[]): Promise<Attempt[]> {
      return sales.map(() => ({ unknown: 'INVENTORY_MODE=unkeyed' }))
    },

    async rebackOrders(): Promise<string[]> {
      return []
    },
  }

  function doubtful(orderSn: string, effect: StockEffect, lines: readonly Line[]) {
    return failureOf(inDoubt(orderSn, effect, lines))
  }
}
