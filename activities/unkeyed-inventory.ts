import { asyncLocalStorage } from '@temporalio/activity'
import { failureIn, failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import type { Line } from '../contracts/order.ts'
import { inventory as participant } from '../contracts/participants/inventory.ts'
import type { Attempt, Sale } from '../contracts/steps.ts'
import { DO_MARGIN_MS, RETURNING_AFTER_MS } from '../contracts/time-budget.ts'
import type { StockClaim } from '../store/stock-claims.ts'
import type { StockEffect } from '../store/unkeyed-stock.ts'
import type { Deps } from './deps.ts'
import { failureOfCall } from './failure-of-call.ts'
import { inDoubt } from './in-doubt.ts'
import { inTurn } from './in-turn.ts'
import type { inventoryActivities } from './inventory.ts'
import { callStore } from './order-store-call.ts'
import { stockOutcomeOf } from './stock-answers.ts'
import { stockPermit } from './stock-permit.ts'
import { timeLeft } from './time-left.ts'

/** These are the effects of a worker under INVENTORY_MODE=unkeyed. */
const KEYED = false

/**
 * Sell and Reback for an inventory that takes whatever arrives, however often (INVENTORY_MODE=unkeyed). Each is sent only
 * when the row says durably that it was, and the row forgets that only by an answer that proves whether it was applied:
 * at most one of them is ever applied. Everything else is neither repeated nor undone, but left in doubt.
 */
export function unkeyedInventoryActivities({
  inventory,
  orders,
  unkeyed,
  onBatch,
  onCompensation,
  showStockLeft = false,
}: Pick<Deps, 'inventory' | 'orders' | 'onBatch' | 'onCompensation' | 'showStockLeft'> &
  Required<Pick<Deps, 'unkeyed'>>): ReturnType<typeof inventoryActivities> {
  async function claimsOf(sales: readonly Sale[]): Promise<Map<string, StockClaim>> {
    return await callStore('stockClaims', () => orders.stockClaims(sales.map(({ orderSn }) => orderSn)))
  }

  /**
   * @param underWayMs time for which another attempt that sent it may still wait for its answer: it is not doubted before @default 0
   * @returns whether this attempt applied it; otherwise an earlier one did, or there is no need
   */
  async function once(effect: StockEffect, sale: Sale, claim: StockClaim | undefined, underWayMs = 0): Promise<boolean> {
    const { orderSn } = sale
    if (stockPermit(effect, sale, claim, KEYED) === 'done') return false
    const lines = claim?.lines ?? []
    const permit = await callStore('markSent', () => unkeyed.markSent(orderSn, effect))
    switch (permit.kind) {
      case 'done':
        return false
      case 'unanswered':
        return await leaveInDoubt(orderSn, effect, lines, permit.mark, underWayMs)
      case 'closed':
        throw failureOf(failure('OrderClosed', `order ${orderSn} asks for no ${effect} any more`, { orderSn }))
      case 'send':
    }
    const error = await send(effect, lines)
    const outcome = error === undefined ? 'APPLIED' : stockOutcomeOf(error)
    const failed = error === undefined ? undefined : failureOfCall(`inventory/${effect}`, error, { orderSn }, showStockLeft)
    if (outcome === 'UNKNOWN') {
      await callStore('noteEvidence', () => unkeyed.noteEvidence(orderSn, effect, failed?.message ?? String(error)))
      return await leaveInDoubt(orderSn, effect, lines, permit.mark)
    }
    const recorded = await callStore('recordAnswer', () =>
      unkeyed.recordAnswer(orderSn, effect, outcome === 'APPLIED', permit.mark),
    )
    if (!recorded) throw doubtful(orderSn, effect, lines)
    if (failed) throw failed
    return true
  }

  /**
   * Calls without the order's number, whoever listens by now: an inventory that was upgraded to keys never heard of that number,
   * and would answer its Reback by a tombstone instead of giving back what was sold without one.
   */
  async function send(effect: StockEffect, lines: Line[]): Promise<unknown> {
    onBatch?.('inventory', effect, lines.length)
    const call = effect === 'Sell' ? inventory.sellUnkeyed(lines, timeLeft()) : inventory.rebackUnkeyed(lines, timeLeft())
    return await call.then(
      () => undefined,
      (error: unknown) => error ?? new Error('no answer'),
    )
  }

  return {
    /** @throws InsufficientStock, OrderClosed, OrderInDoubt; InvalidInput for other lines than the order's */
    async sell(sale: Sale): Promise<void> {
      await once('Sell', sale, (await claimsOf([sale])).get(sale.orderSn))
    },

    /** Does nothing for a closed order that owes nothing. @throws OrderInDoubt, when the row says so too; InvalidInput for an order that is not closed */
    async reback(sale: Sale): Promise<void> {
      await giveBack(sale, async () => (await claimsOf([sale])).get(sale.orderSn))
    },

    /** The express lane rests on keys. Nothing is sent: each order gets a saga of its own. */
    async sellOrders(sales: Sale[]): Promise<Attempt[]> {
      return sales.map(() => ({ unknown: 'INVENTORY_MODE=unkeyed' }))
    },

    /**
     * Gives closed orders back, one after the other, so that a worker that dies leaves one of them in doubt. As a step of the lane it sends
     * nothing. Whom it does not come to in its time is left to the next step, and so are all others as soon as one is in doubt: the inventory
     * may answer nobody.
     * @returns the numbers of those that owe nothing any more
     */
    async rebackOrders(sales: Sale[]): Promise<string[]> {
      if (asyncLocalStorage.getStore()?.info.isLocal !== false) return []
      const claims = await claimsOf(sales)
      const returned: string[] = []
      let doubts = 0
      const mayBegin = () => doubts === 0 && timeLeft() > participant.deadlineMs + DO_MARGIN_MS
      await inTurn(sales, { atOnce: 1, mayBegin }, async (sale) => {
        try {
          await giveBack(sale, async () => claims.get(sale.orderSn), RETURNING_AFTER_MS)
          returned.push(sale.orderSn)
        } catch (error) {
          const wasInDoubt = claims.get(sale.orderSn)?.stockState === 'in_doubt'
          if (failureIn(error)?.type === 'OrderInDoubt' && !wasInDoubt) doubts++
        }
      })
      return returned
    },
  }

  async function giveBack(sale: Sale, claimOf: () => Promise<StockClaim | undefined>, underWayMs?: number): Promise<void> {
    try {
      const appliedHere = await once('Reback', sale, await claimOf(), underWayMs)
      onCompensation?.('reback', appliedHere ? 'done' : 'needless')
    } catch (error) {
      onCompensation?.('reback', 'failed')
      throw error
    }
  }

  /** Gives an effect up as unknown: the row says so of a Reback at once, of a Sell the void does. */
  async function leaveInDoubt(
    orderSn: string,
    effect: StockEffect,
    lines: readonly Line[],
    mark: string,
    underWayMs?: number,
  ): Promise<never> {
    if (effect === 'Reback') await callStore('doubtReback', () => unkeyed.doubtReback(orderSn, mark, underWayMs))
    throw doubtful(orderSn, effect, lines)
  }

  function doubtful(orderSn: string, effect: StockEffect, lines: readonly Line[]) {
    return failureOf(inDoubt(orderSn, effect, lines))
  }
}
