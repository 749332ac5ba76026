import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import {
  CancellationScope,
  isCancellation,
  ParentClosePolicy,
  patched,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow'
import { BUDGET_MEMO, formerWorkflowId, type OrderInput, type OrderRequest } from '../contracts/create-order.ts'
import { type BatchOutcome, MAX_BATCH_BYTES, MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { PARTICIPANTS } from '../contracts/participants/list.ts'
import { owedOf, strangersOf } from '../contracts/participants/owed.ts'
import { searchAttributesOf } from '../contracts/search-attributes.ts'
import type { Voided } from '../contracts/steps.ts'
import { ORDER_BUDGET_MS, SECOND_ROUND_AFTER_MS } from '../contracts/time-budget.ts'
import { Batch, type BatchOrder } from './batch.ts'
import { createOrder } from './create-order.ts'
import { type LaneSteps, laneSteps } from './lane-steps.ts'
import { refuseUnread } from './refuse-unread.ts'
import { byRulesOfToday } from './rules-of-today.ts'
import { logBatch, showBatch } from './show-batch.ts'
import { splitBySize } from './split-by-size.ts'
import { handOverOrders } from './steps.ts'
import { tryBatch } from './try-batch.ts'

/**
 * The express lane: group commit for sagas. Orders that arrived together share one Workflow Execution; each step is tried
 * once, quickly, for all of them. Every order ends confirmed, refused (voided, then rebacked), or handed over, on any missing or unclear answer,
 * to a createOrder of its own, which settles it with full retries. The lane retries nothing but once, a second later, the orders of
 * which nothing was sold yet since an answer about them was missing. What it rests on is that every step is
 * keyed by the order, or that its row says who has begun it.
 *
 * @param inputs 1 to 100, of different users; each is checked by itself
 * @returns one outcome for each, in their order
 * @throws InvalidInput if it is no such list; CancelledFailure, when every order has been settled or handed over
 */
export async function createOrders(inputs: OrderInput[]): Promise<BatchOutcome[]> {
  refuseUnread(inputs)
  if (!Array.isArray(inputs) || inputs.length === 0 || inputs.length > MAX_BATCH_ORDERS) {
    throw invalidInput([{ field: '', problem: `must be a list of 1 to ${MAX_BATCH_ORDERS} orders` }])
  }
  const batch = new Batch(inputs, `run-${workflowInfo().firstExecutionRunId}`, byRulesOfToday)
  showBatch(batch)
  const budgetEndsAt = new Date(Date.now() + ORDER_BUDGET_MS).toISOString()
  let cancellation: unknown
  try {
    await tryRound(batch, laneSteps())
    if (batch.unanswered.length > 0 && patched('second-round')) {
      showBatch(batch)
      await waitForAnswers(batch, budgetEndsAt)
      batch.tryAgain()
      await tryRound(batch, laneSteps(true))
    }
  } catch (error) {
    if (!isCancellation(error)) throw error
    cancellation = error
    leaveUnresolved(batch, { reason: 'batch_ended', why: 'the batch was cancelled' })
  }
  await CancellationScope.nonCancellable(() => handOver(batch.undecided, budgetEndsAt))
  showBatch(batch)
  logBatch(batch)
  if (cancellation) throw cancellation
  return batch.all.flatMap(({ outcome }) => outcome ?? [])
}

/**
 * Tries each step once for those on their way, and undoes whom it refused. If a step fails as a whole, whoever is undecided is unresolved,
 * as by any other missing answer.
 * @throws CancelledFailure
 */
async function tryRound(batch: Batch, steps: LaneSteps): Promise<void> {
  try {
    await tryBatch(batch, steps)
    await undo(batch, steps)
  } catch (error) {
    if (isCancellation(error)) throw error
    leaveUnresolved(batch, { reason: 'step_failed', why: String(error) })
  }
}

function leaveUnresolved(batch: Batch, unresolved: NonNullable<BatchOrder['unresolved']>): void {
  for (const order of batch.undecided) order.unresolved ??= unresolved
}

/** An order that would gain nothing by the wait is handed over meanwhile. */
async function waitForAnswers(batch: Batch, budgetEndsAt: string): Promise<void> {
  const unanswered = new Set(batch.unanswered)
  const others = batch.undecided.filter((order) => !unanswered.has(order))
  const handedOver = CancellationScope.nonCancellable(() => handOver(others, budgetEndsAt))
  try {
    await sleep(SECOND_ROUND_AFTER_MS)
  } finally {
    await handedOver
  }
}

/** Refused orders are voided, and then give back what they owe, all of it at once or not here. */
async function undo(batch: Batch, steps: LaneSteps): Promise<void> {
  const orders = batch.refused
  if (orders.length === 0) return
  const voided = await steps.voidOrders(orders.map(({ request, refusal }) => ({ request, refusal })))
  const owing = await giveBack(voided, steps)
  for (const [i, order] of orders.entries()) {
    const judged = voided[i]
    if (!judged) order.unresolved = { reason: 'not_undone', why: 'not voided' }
    else if (judged.order) batch.confirm(order, judged.order)
    else if (judged.outcome === 'CONFIRMED') order.unresolved = { reason: 'too_large', why: 'too large an answer for a batch' }
    else if (owing.has(judged.orderSn)) order.unresolved = { reason: 'not_undone', why: 'not given back' }
    else order.outcome = { state: 'refused', refusal: judged.refusal ?? order.refusal }
  }
}

/** Gives back to all participants at once. @returns the numbers of the orders that still owe something */
async function giveBack(voided: readonly Voided[], steps: LaneSteps): Promise<Set<string>> {
  const owing = new Set(voided.filter((order) => strangersOf(order).length > 0).map(({ orderSn }) => orderSn))
  await Promise.all(
    PARTICIPANTS.map(async (participant) => {
      const owed = voided.filter((order) => owedOf(order).includes(participant))
      if (owed.length === 0) return
      const returned = new Set(await steps[participant.undo.stepOfBatch](owed.map(({ orderSn, lines }) => ({ orderSn, lines }))))
      for (const { orderSn } of owed) if (!returned.has(orderSn)) owing.add(orderSn)
    }),
  )
  return owing
}

/** Gives each order a saga of its own, with what is left of its budget. */
async function handOver(orders: readonly BatchOrder[], budgetEndsAt: string): Promise<void> {
  if (orders.length === 0) return
  /** Workflow Ids as whoever started the runs named them. */
  const runs = new Map<OrderRequest, string>()
  if (patched('hand-over-by-activity')) {
    const requests = orders.map(({ request }) => request)
    const parts = splitBySize(requests, MAX_BATCH_BYTES.handedOver)
    await Promise.all(
      parts.map(async (part, i) => {
        // By a later workflow task: beside all that the steps may have answered, one report holds one part.
        if (i > 0 && patched('hand-over-apart')) await sleep(1)
        const started = await handOverOrders(part, budgetEndsAt)
        for (const [at, request] of part.entries()) runs.set(request, started?.[at] ?? formerWorkflowId(request))
      }),
    )
  } else {
    await startChildren(orders, budgetEndsAt)
  }
  for (const order of orders) {
    const { unresolved = { reason: 'step_failed', why: 'not settled' } } = order
    order.outcome = { state: 'handedOver', workflowId: runs.get(order.request) ?? formerWorkflowId(order.request), ...unresolved }
  }
}

/**
 * The hand-over of runs that began before: each child that starts, and each that ends, wakes the batch. A child that is not
 * awaited never starts.
 */
async function startChildren(orders: readonly BatchOrder[], budgetEndsAt: string): Promise<void> {
  const starts = orders.map(async ({ request, orderSn }) => {
    try {
      await startChild(createOrder, {
        workflowId: formerWorkflowId(request),
        args: [request],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        memo: { [BUDGET_MEMO]: budgetEndsAt },
        ...(orderSn !== undefined && { typedSearchAttributes: searchAttributesOf(orderSn, request) }),
      })
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error // it is at it already
    }
  })
  await Promise.all(starts)
}
