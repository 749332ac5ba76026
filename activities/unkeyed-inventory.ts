import { randomUUID } from 'node:crypto'
import { asyncLocalStorage } from '@temporalio/activity'
import { failureIn, failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import type { Line } from '../contracts/order.ts'
import { inventory as participant } from '../contracts/participants/inventory.ts'
import type { Sale } from '../contracts/steps.ts'
import { DO_MARGIN_MS, UNDER_WAY_MS } from '../contracts/time-budget.ts'
import type { StockClaim } from '../store/stock-claims.ts'
import type { SendPermit, StockEffect } from '../store/unkeyed-stock.ts'
import type { Deps } from './deps.ts'
import { evidenceOf } from './evidence-of.ts'
import { inDoubt } from './in-doubt.ts'
import { inTurn } from './in-turn.ts'
import type { inventoryActivities } from './inventory.ts'
import { callStore } from './order-store-call.ts'
import { stockPermit } from './stock-permit.ts'
import { timeLeft } from './time-left.ts'
import { underWay } from './under-way.ts'
import { tooLate, unkeyedCalls } from './unkeyed-calls.ts'
import { unkeyedLane } from './unkeyed-lane.ts'

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
  underWayMs = UNDER_WAY_MS,
}: Pick<Deps, 'inventory' | 'orders' | 'onBatch' | 'onCompensation' | 'showStockLeft' | 'underWayMs'> &
  Required<Pick<Deps, 'unkeyed'>>): ReturnType<typeof inventoryActivities> {
  const calls = unkeyedCalls({ inventory, unkeyed, showStockLeft, ...(onBatch && { onBatch }) })

  async function claimsOf(sales: readonly Sale[]): Promise<Map<string, StockClaim>> {
    return await callStore('stockClaims', () => orders.stockClaims(sales.map(({ orderSn }) => orderSn)))
  }

  /** @returns whether this attempt applied it; otherwise an earlier one did, or there is no need */
  async function once(effect: StockEffect, sale: Sale, claim: StockClaim | undefined): Promise<boolean> {
    const { orderSn } = sale
    if (stockPermit(effect, sale, claim, KEYED) === 'done') return false
    const lines = claim?.lines ?? []
    const leftMs = () => timeLeft()
    if (!calls.hasTime(leftMs)) throw tooLate(orderSn, effect)
    const by = randomUUID()
    const permit = await calls.mark(() => unkeyed.markSent(orderSn, effect, by), leftMs)
    if (permit.kind !== 'send') return await met(effect, orderSn, permit, lines)
    const { outcome, failed } = await calls.send(orderSn, effect, lines, leftMs)
    if (outcome === 'UNKNOWN') {
      const notes = [{ orderSn, why: evidenceOf(failed) }]
      await callStore('noteEvidence', () => unkeyed.noteEvidence(effect, notes))
      return await leaveInDoubt(orderSn, effect, lines, permit.mark)
    }
    const answer = { orderSn, mark: permit.mark, wasApplied: outcome === 'APPLIED' }
    if (!(await calls.record(effect, [answer], leftMs)).has(orderSn)) throw doubtful(orderSn, effect, lines)
    if (failed) throw failed
    return true
  }

  /**
   * Judges a permit that is none to send. An effect about which somebody else may still be answered is theirs until then.
   * @returns false: there is no need
   * @throws OrderClosed, OrderInDoubt, and ServiceUnavailable as long as somebody may be answered
   */
  async function met(
    effect: StockEffect,
    orderSn: string,
    permit: Exclude<SendPermit, { kind: 'send' }>,
    lines: readonly Line[],
  ): Promise<false> {
    switch (permit.kind) {
      case 'done':
        return false
      case 'unanswered':
        if (permit.agoMs < underWayMs) throw underWay(orderSn, effect)
        return await leaveInDoubt(orderSn, effect, lines, permit.mark)
      case 'closed':
        throw failureOf(failure('OrderClosed', `order ${orderSn} asks for no ${effect} any more`, { orderSn }))
    }
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

    ...unkeyedLane({
      unkeyed,
      calls,
      claimsOf,
      isWanted: (sale, claim) => stockPermit('Sell', sale, claim, KEYED) === 'send',
      met: (orderSn, permit, lines) => met('Sell', orderSn, permit, lines),
    }),

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
          await giveBack(sale, async () => claims.get(sale.orderSn))
          returned.push(sale.orderSn)
        } catch (error) {
          const wasInDoubt = claims.get(sale.orderSn)?.stockState === 'in_doubt'
          if (failureIn(error)?.type === 'OrderInDoubt' && !wasInDoubt) doubts++
        }
      })
      return returned
    },
  }

  async function giveBack(sale: Sale, claimOf: () => Promise<StockClaim | undefined>): Promise<void> {
    try {
      const appliedHere = await once('Reback', sale, await claimOf())
      onCompensation?.('reback', appliedHere ? 'done' : 'needless')
    } catch (error) {
      onCompensation?.('reback', 'failed')
      throw error
    }
  }

  /** Gives an effect up as unknown: the row says so of a Reback at once, of a Sell the void does. */
  async function leaveInDoubt(orderSn: string, effect: StockEffect, lines: readonly Line[], mark: string): Promise<never> {
    if (effect === 'Reback') await callStore('doubtReback', () => unkeyed.doubtReback(orderSn, mark))
    throw doubtful(orderSn, effect, lines)
  }

  function doubtful(orderSn: string, effect: StockEffect, lines: readonly Line[]) {
    return failureOf(inDoubt(orderSn, effect, lines))
  }
}
