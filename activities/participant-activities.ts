import { asyncLocalStorage, log } from '@temporalio/activity'
import type { RpcMethod } from '../clients/answers.ts'
import type { Activities } from '../contracts/activities.ts'
import type { OneParticipant } from '../contracts/participants/list.ts'
import type { Attempt, Sale } from '../contracts/steps.ts'
import { DO_MARGIN_MS } from '../contracts/time-budget.ts'
import type { StockClaim } from '../store/stock-claims.ts'
import { isConfirmed, type StoredOrder } from '../store/stored-order.ts'
import { attempt } from './attempt.ts'
import type { Deps } from './deps.ts'
import { effectPermit, type Permit } from './effect-permit.ts'
import { failureOfCall } from './failure-of-call.ts'
import { inTurn } from './in-turn.ts'
import { LanePace, type Pace } from './lane-pace.ts'
import { callStore } from './order-store-call.ts'
import { runningWorkflowId } from './running-workflow.ts'
import { timeLeft } from './time-left.ts'

/**
 * Calls of one step that gives back behind the lane, at the same time. Five such steps run together, and the orders that are being created need
 * the rest of the machine: with ten, creation beside a backlog fell to a fifth of its rate; with two it keeps .6 of it (docs/benchmarks.md).
 */
const GIVEN_BACK_AT_ONCE = 2
const MAX_ORDERS_NAMED = 20

interface ParticipantDeps extends Pick<Deps, 'orders' | 'onCompensation' | 'onRefused' | 'showStockLeft' | 'lanePace'> {
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
  deps: ParticipantDeps,
): StepsOf<One> {
  const { name, deadlineMs, do: doing, undo }: OneParticipant = participant
  const patience: Pace = { limitMs: deadlineMs, took() {} }
  const { orders, onCall, onCompensation, onRefused, showStockLeft = false, lanePace = new LanePace() } = deps

  const permit: NonNullable<ParticipantDeps['permit']> =
    deps.permit ?? ((effect, sale, claim) => effectPermit(participant, effect, sale, claim))

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

  async function record<T>(count: number, marking: () => Promise<T>): Promise<T> {
    return await callStore('markReturned', marking).catch((error: unknown) => {
      onCompensation?.(undo.step, 'failed', count)
      throw error
    })
  }

  function report(returned: number, marked: number): void {
    onCompensation?.(undo.step, 'done', marked)
    onCompensation?.(undo.step, 'needless', returned - marked)
  }

  /** Records what was given back; an order whose row can not be written holds up no other. @returns the numbers of all others */
  async function recordAll(returned: string[]): Promise<string[]> {
    if (returned.length === 0) return []
    const { done, failed } = await record(returned.length, () => orders.markReturnedSparing(returned, name))
    report(returned.length - failed.length, done.length)
    if (failed.length === 0) return returned
    onCompensation?.(undo.step, 'failed', failed.length)
    const orderSns = failed.map(({ orderSn }) => orderSn)
    log.error(`${failed.length} orders were given back to ${name}, which can not be recorded`, {
      orderSns: orderSns.slice(0, MAX_ORDERS_NAMED),
    })
    return returned.filter((orderSn) => !orderSns.includes(orderSn))
  }

  /** Reports those that are closed for good. To whom it matters, what is not reported here is said by the end of the run. */
  async function answerRefused(orderSns: string[]): Promise<void> {
    if (!onRefused || orderSns.length === 0) return
    const workflowId = runningWorkflowId()
    const stored = await orders.getOrders(orderSns).catch(() => new Map<string, StoredOrder>())
    for (const order of stored.values()) {
      const { orderSn, status, owed, refusal } = order
      if (status === 'TRADE_CLOSED' && owed.length === 0 && refusal && !isConfirmed(order))
        onRefused({ orderSn, refusal }, workflowId)
    }
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
      const returned = await giveBack(sale, claims.get(sale.orderSn))
      const marked = await record(1, () => orders.markReturned([returned], name))
      report(1, marked.length)
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

    /**
     * Gives back what each closed order of a batch took. As a step of the lane: one quick attempt for each, at the same time. Otherwise a few
     * at a time, each as patiently as that of one order; whom it does not come to is left to the next step. One that fails holds up no other.
     * @returns the numbers of those that owe nothing any more
     */
    async [undo.stepOfBatch](sales: Sale[]): Promise<string[]> {
      const claims = await claimsOf(sales)
      const returned: string[] = []
      const tryOne = async (sale: Sale, pace: Pace) => {
        const answer = await attempt(pace, (ms) => giveBack(sale, claims.get(sale.orderSn), ms))
        if ('done' in answer) returned.push(answer.done)
      }
      if (asyncLocalStorage.getStore()?.info.isLocal) await Promise.all(sales.map((sale) => tryOne(sale, lanePace)))
      else {
        const mayBegin = () => timeLeft() > deadlineMs + DO_MARGIN_MS
        await inTurn(sales, { atOnce: GIVEN_BACK_AT_ONCE, mayBegin }, (sale) => tryOne(sale, patience))
      }
      const recorded = await recordAll(returned)
      await answerRefused(recorded)
      return recorded
    },
  }
  return steps as unknown as StepsOf<One>
}
