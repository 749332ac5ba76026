import { setTimeout as sleep } from 'node:timers/promises'
import type { ApplicationFailure } from '@temporalio/common'
import { failureIn, failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import type { Line } from '../contracts/order.ts'
import { inventory as participant } from '../contracts/participants/inventory.ts'
import { GOODS_TURN_MS, STORE_AGAIN_MS } from '../contracts/time-budget.ts'
import type { ProvenAnswer, StockEffect } from '../store/unkeyed-stock.ts'
import type { Deps } from './deps.ts'
import { failureOfCall } from './failure-of-call.ts'
import { GoodsTurns } from './goods-turns.ts'
import { callStore } from './order-store-call.ts'
import { type StockOutcome, stockOutcomeOf } from './stock-answers.ts'

/** Outcome of a call, and unless it was applied its failure. */
export interface Told {
  outcome: StockOutcome
  failed?: ApplicationFailure
}

/** Calls without keys, each behind its mark, and the record of their answers; `leftMs` is the time that the caller has left. */
export interface UnkeyedCalls {
  /** Reports whether a call that begins now has its whole deadline: one that is cut off leaves its order in doubt. */
  hasTime(leftMs: () => number): boolean
  /**
   * Makes a statement that marks what is to be sent, again and again until it is heard: it has to know by a token of its caller what it has marked before.
   * A mark of which its caller never hears leaves its order in doubt, although nothing was sent.
   */
  mark<T>(statement: () => Promise<T>, leftMs: () => number): Promise<T>
  /** Sends the effect, whose mark is set. Never throws. */
  send(orderSn: string, effect: StockEffect, lines: Line[], leftMs: () => number): Promise<Told>
  /** @returns the numbers of those that are recorded: of the others somebody has given up the answer, and doubts them */
  record(effect: StockEffect, answers: readonly ProvenAnswer[], leftMs: () => number): Promise<Set<string>>
}

export function unkeyedCalls({
  inventory,
  unkeyed,
  onBatch,
  showStockLeft = false,
}: Pick<Deps, 'inventory' | 'onBatch' | 'showStockLeft'> & Required<Pick<Deps, 'unkeyed'>>): UnkeyedCalls {
  const turns = new GoodsTurns()
  const hasTime = (leftMs: () => number) => leftMs() >= participant.deadlineMs

  /**
   * Calls without the order's number, whoever listens by now: an inventory that was upgraded to keys never heard of that number,
   * and would answer its Reback by a tombstone instead of giving back what was sold without one.
   */
  async function call(effect: StockEffect, lines: Line[], atMostMs: number): Promise<unknown> {
    onBatch?.('inventory', effect, lines.length)
    const answer = effect === 'Sell' ? inventory.sellUnkeyed(lines, atMostMs) : inventory.rebackUnkeyed(lines, atMostMs)
    return await answer.then(
      () => undefined,
      (error: unknown) => error ?? new Error('no answer'),
    )
  }

  return {
    hasTime,

    async mark(statement, leftMs) {
      for (;;) {
        try {
          return await callStore('markSent', statement)
        } catch (error) {
          if (failureIn(error)?.type !== 'ServiceUnavailable' || leftMs() < STORE_AGAIN_MS) throw error
          await sleep(STORE_AGAIN_MS)
        }
      }
    },

    async send(orderSn, effect, lines, leftMs) {
      const goodsIds = lines.map(({ goodsId }) => goodsId)
      const end = await turns.take(goodsIds, Math.min(GOODS_TURN_MS, leftMs() - participant.deadlineMs))
      try {
        // That nothing was sent is proof enough.
        if (!hasTime(leftMs)) return { outcome: 'NOT_APPLIED', failed: tooLate(orderSn, effect) }
        const error = await call(effect, lines, leftMs())
        if (error === undefined) return { outcome: 'APPLIED' }
        const failed = failureOfCall(`inventory/${effect}`, error, { orderSn }, showStockLeft)
        return { outcome: stockOutcomeOf(error), failed }
      } finally {
        end()
      }
    },

    async record(effect, answers, leftMs) {
      if (answers.length === 0) return new Set()
      for (let isRepeat = false; ; isRepeat = true) {
        try {
          return await callStore('recordAnswers', () => unkeyed.recordAnswers(effect, answers, isRepeat))
        } catch (error) {
          // An answer that is not recorded is as good as none: a database that is restarted is worth the wait.
          if (leftMs() < STORE_AGAIN_MS) throw error
          await sleep(STORE_AGAIN_MS)
        }
      }
    },
  }
}

/** Failure of an effect for which an attempt has no time any more: the next one has. */
export function tooLate(orderSn: string, effect: StockEffect): ApplicationFailure {
  const message = `the ${effect} of order ${orderSn} was not sent: too little time was left to hear its answer`
  return failureOf(failure('ServiceUnavailable', message, { service: 'inventory', orderSn }))
}
