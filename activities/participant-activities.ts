import type { RpcMethod } from '../clients/answers.ts'
import type { Activities } from '../contracts/activities.ts'
import type { OneParticipant } from '../contracts/participants/list.ts'
import type { Attempt, Sale } from '../contracts/steps.ts'
import type { StockClaim } from '../store/stock-claims.ts'
import { attempt } from './attempt.ts'
import type { Deps } from './deps.ts'
import { effectPermit, type Permit } from './effect-permit.ts'
import { failureOfCall } from './failure-of-call.ts'
import { LanePace } from './lane-pace.ts'
import { callStore } from './order-store-call.ts'
import { timeLeft } from './time-left.ts'

interface Parts extends Pick<Deps, 'orders' | 'onCompensation' | 'showStockLeft' | 'lanePace'> {
  /** Judges by the order's row whether it asks for this effect now. @default effectPermit */
  permit?(effect: 'do' | 'undo', sale: Sale, claim: StockClaim | undefined): Permit
  /** Is called with each call that is made. */
  onCall?(method: string, claim: StockClaim): void
}

/** The four activities of one participant. */
export type StepsOf<One extends OneParticipant> = Pick<
  Activities,
  One['do']['step'] | One['do']['stepOfBatch'] | One['undo']['step'] | One['undo']['stepOfBatch']
>

/**
 * The activities of a participant that keys its effects by the order's number (contracts/participants/).
 * @param service its client
 */
export function participantActivities<One extends OneParticipant>(
  participant: One,
  service: unknown,
  parts: Parts,
): StepsOf<One> {
  const { name, do: doing, undo }: OneParticipant = participant
  const { orders, onCall, onCompensation, showStockLeft = false, lanePace = new LanePace() } = parts

  const permit: NonNullable<Parts['permit']> =
    parts.permit ?? ((effect, sale, claim) => effectPermit(participant, effect, sale, claim))

  async function claimsOf(sales: readonly Sale[]): Promise<Map<string, StockClaim>> {
    return await callStore('stockClaims', () => orders.stockClaims(sales.map(({ orderSn }) => orderSn)))
  }

  async function effect(kind: 'do' | 'undo', sale: Sale, claim: StockClaim | undefined, atMostMs?: number): Promise<void> {
    if (permit(kind, sale, claim) === 'done' || !claim) return
    const { method, call } = kind === 'do' ? doing : undo
    onCall?.(method, claim)
    const rpc = `${name}/${method}` as RpcMethod
    const { orderSn } = claim
    await call(service, { ...claim, asked: claim.held[name] ?? {} }, timeLeft(atMostMs)).catch((error: unknown) => {
      throw failureOfCall(rpc, error, { orderSn }, showStockLeft)
    })
  }

  async function giveBack(sale: Sale, claim: StockClaim | undefined, atMostMs?: number): Promise<string> {
    await effect('undo', sale, claim, atMostMs).catch((error: unknown) => {
      onCompensation?.(undo.step, 'failed')
      throw error
    })
    return sale.orderSn
  }

  async function markReturned(returned: string[]): Promise<void> {
    const marked = await callStore('markReturned', () => orders.markReturned(returned, name)).catch((error: unknown) => {
      onCompensation?.(undo.step, 'failed', returned.length)
      throw error
    })
    onCompensation?.(undo.step, 'done', marked.length)
    onCompensation?.(undo.step, 'needless', returned.length - marked.length)
  }

  const steps = {
    /**
     * Takes what an order asks for that is CREATING, or nothing of it. Twice is once; once it was given back, it is refused.
     * @throws OrderClosed, InvalidInput for an order that asks for nothing or for something else, what `answers` says
     */
    async [doing.step](sale: Sale): Promise<void> {
      await effect('do', sale, (await claimsOf([sale])).get(sale.orderSn))
    },

    /**
     * Gives back what was taken, and records that it is not owed any more. If nothing was taken it leaves a tombstone, so that a
     * call to take it that is still under way is refused. Does nothing for a closed order that owes nothing.
     * @throws InvalidInput for an order that is not closed
     */
    async [undo.step](sale: Sale): Promise<void> {
      const claims = await claimsOf([sale]).catch((error: unknown) => {
        onCompensation?.(undo.step, 'failed')
        throw error
      })
      await markReturned([await giveBack(sale, claims.get(sale.orderSn))])
    },

    /** One quick attempt for each order of a batch, at the same time. @returns one answer for each, in their order */
    async [doing.stepOfBatch](sales: Sale[]): Promise<Attempt[]> {
      const claims = await claimsOf(sales)
      return await Promise.all(
        sales.map((sale) =>
          attempt(lanePace, (ms) => effect('do', sale, claims.get(sale.orderSn), ms).then(() => true as const)),
        ),
      )
    },

    /** One quick attempt for each closed order of a batch. @returns the numbers of those that owe nothing any more */
    async [undo.stepOfBatch](sales: Sale[]): Promise<string[]> {
      const claims = await claimsOf(sales)
      const answers = await Promise.all(
        sales.map((sale) => attempt(lanePace, (ms) => giveBack(sale, claims.get(sale.orderSn), ms))),
      )
      const returned = answers.flatMap((answer) => ('done' in answer ? [answer.done] : []))
      if (returned.length > 0) await markReturned(returned)
      return returned
    },
  }
  return steps as unknown as StepsOf<One>
}
