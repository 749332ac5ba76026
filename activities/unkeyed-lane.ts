import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { failureIn } from '../contracts/application-failure.ts'
import type { Line } from '../contracts/order.ts'
import type { Attempt, Sale } from '../contracts/steps.ts'
import { LANE_DO_STEP_MS, SELL_AGAIN_MS, TO_REPORT_MS } from '../contracts/time-budget.ts'
import type { StockClaim } from '../store/stock-claims.ts'
import type { ProvenAnswer, SendPermit } from '../store/unkeyed-stock.ts'
import { answerOf } from './attempt.ts'
import type { Deps } from './deps.ts'
import { evidenceOf } from './evidence-of.ts'
import { inDoubt } from './in-doubt.ts'
import { callStore } from './order-store-call.ts'
import { timeLeft } from './time-left.ts'
import type { UnkeyedCalls } from './unkeyed-calls.ts'

/** Rounds of one batch, each of them by itself as patient as the inventory with its locks. */
const ROUNDS = 4

interface LaneDeps extends Required<Pick<Deps, 'unkeyed'>> {
  calls: UnkeyedCalls
  claimsOf(sales: readonly Sale[]): Promise<Map<string, StockClaim>>
  /** Judges by its row whether an order asks for its Sell now. @throws a refusal, or what another worker has to do */
  isWanted(sale: Sale, claim: StockClaim | undefined): boolean
  /** Judges a permit that is none to send: without a failure the Sell was done. @throws its failure */
  met(orderSn: string, permit: Exclude<SendPermit, { kind: 'send' }>, lines: readonly Line[]): Promise<unknown>
}

/**
 * The Sells of a batch at an inventory without keys. One statement marks all of them, they are sent at the same time, and one statement records
 * what was answered. An answer which proves that nothing was applied, and which is no refusal, is worth another round as long as there is time:
 * what else there is to do about it costs a run of its own. Each call has its whole deadline, whatever the lane's pace is: one that is cut off leaves
 * its order in doubt.
 */
export function unkeyedLane({ unkeyed, calls, claimsOf, isWanted, met }: LaneDeps) {
  /**
   * Marks, sends and records one round.
   * @param by token of the caller, the same in each round: a mark that arrives late is its own still
   * @returns the numbers of those that are worth another one
   */
  async function round(
    by: string,
    orderSns: readonly string[],
    linesOf: (orderSn: string) => Line[],
    answers: Map<string, Attempt>,
    leftMs: () => number,
  ): Promise<string[]> {
    const permits = await calls.mark(() => unkeyed.markAllSent(orderSns, 'Sell', by), leftMs)
    const proven: ProvenAnswer[] = []
    const notes: { orderSn: string; why: string }[] = []
    const doubt = (orderSn: string) => answers.set(orderSn, { refused: inDoubt(orderSn, 'Sell', linesOf(orderSn)) })
    await Promise.all(
      orderSns.map(async (orderSn) => {
        const permit = permits.get(orderSn) ?? { kind: 'closed' }
        if (permit.kind !== 'send') {
          const judged = met(orderSn, permit, linesOf(orderSn)).then(() => true as const)
          answers.set(orderSn, await answerOf(() => judged))
          return
        }
        const { outcome, failed } = await calls.send(orderSn, 'Sell', linesOf(orderSn), leftMs)
        if (outcome === 'UNKNOWN') notes.push({ orderSn, why: evidenceOf(failed) })
        else proven.push({ orderSn, mark: permit.mark, wasApplied: outcome === 'APPLIED' })
        answers.set(orderSn, failed ? await answerOf(() => Promise.reject(failed)) : { done: true })
      }),
    )
    // What is known of them; that they are in doubt the void says as well.
    if (notes.length > 0) await callStore('noteEvidence', () => unkeyed.noteEvidence('Sell', notes)).catch(() => {})
    for (const { orderSn } of notes) doubt(orderSn)
    const recorded = await calls.record('Sell', proven, leftMs).catch((error: unknown) => {
      for (const { orderSn } of proven) answers.set(orderSn, { unknown: failureIn(error)?.type ?? 'InternalError' })
      return undefined
    })
    if (!recorded) return []
    return proven.flatMap(({ orderSn }) => {
      if (!recorded.has(orderSn)) doubt(orderSn)
      const answer = answers.get(orderSn)
      return answer && 'unknown' in answer ? orderSn : []
    })
  }

  return {
    /** @returns one answer for each, in their order; `unknown`: nothing was applied, or somebody else is at it */
    async sellOrders(sales: Sale[]): Promise<Attempt[]> {
      const endsAt = performance.now() + timeLeft(LANE_DO_STEP_MS - TO_REPORT_MS)
      const leftMs = () => endsAt - performance.now()
      const claims = await claimsOf(sales)
      const answers = new Map<string, Attempt>()
      const by = randomUUID()
      const asking = new Set<string>()
      for (const sale of sales) {
        const { orderSn } = sale
        const judged = await answerOf(async () => {
          if (isWanted(sale, claims.get(orderSn))) asking.add(orderSn)
          return true as const
        })
        if (!asking.has(orderSn)) answers.set(orderSn, judged)
      }
      const linesOf = (orderSn: string) => claims.get(orderSn)?.lines ?? []
      let waiting = [...asking]
      for (let rounds = 1; waiting.length > 0 && rounds <= ROUNDS; rounds++) {
        if (rounds > 1) await sleep(Math.random() * rounds * SELL_AGAIN_MS)
        if (!calls.hasTime(leftMs)) break
        const asked = waiting
        try {
          waiting = await round(by, asked, linesOf, answers, leftMs)
        } catch (error) {
          for (const orderSn of asked) answers.set(orderSn, { unknown: failureIn(error)?.type ?? 'InternalError' })
          break
        }
      }
      return sales.map(({ orderSn }) => answers.get(orderSn) ?? { unknown: 'ServiceUnavailable' })
    },
  }
}
