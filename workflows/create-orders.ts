import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common'
import { CancellationScope, isCancellation, ParentClosePolicy, startChild, workflowInfo } from '@temporalio/workflow'
import { type CreateOrderInput, createOrderWorkflowId } from '../contracts/create-order.ts'
import { type BatchOutcome, MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'
import { ORDER_BUDGET_MS } from '../contracts/limits.ts'
import { invalidInput } from '../contracts/order-request.ts'
import { searchAttributesOf } from '../contracts/search-attributes.ts'
import { type BatchOrder, BatchOrders } from '../rules/batch-orders.ts'
import { BUDGET_MEMO } from '../rules/budget-left.ts'
import { tryBatch } from '../rules/try-batch.ts'
import { createOrder } from './create-order.ts'
import { laneSteps } from './lane-steps.ts'
import { refuseUnread } from './refuse-unread.ts'
import { byRulesOfToday } from './rules-of-today.ts'
import { logBatch, showBatch } from './show-batch.ts'

/**
 * The express lane: group commit for sagas. Orders that arrived together share one Workflow Execution; each step is tried
 * once, quickly, for all of them. Every order ends confirmed, refused (voided, then rebacked), or handed over, on any doubt,
 * to a createOrder of its own, which settles it with full retries. The lane retries nothing: what it rests on is that every
 * step is keyed by the order.
 *
 * @param inputs 1 to 100, of different users; each is checked by itself
 * @returns one outcome for each, in their order
 * @throws InvalidInput where it is no such list; CancelledFailure, when every order has been settled or handed over
 */
export async function createOrders(inputs: CreateOrderInput[]): Promise<BatchOutcome[]> {
  refuseUnread(inputs)
  if (!Array.isArray(inputs) || inputs.length === 0 || inputs.length > MAX_BATCH_ORDERS) {
    throw invalidInput([{ field: '', problem: `must be a list of 1 to ${MAX_BATCH_ORDERS} orders` }])
  }
  const batch = new BatchOrders(inputs, `run-${workflowInfo().firstExecutionRunId}`, byRulesOfToday)
  showBatch(batch)
  const budgetEndsAt = new Date(Date.now() + ORDER_BUDGET_MS).toISOString()
  let cancellation: unknown
  try {
    const steps = laneSteps()
    await tryBatch(batch, steps)
    await undo(batch, steps)
  } catch (error) {
    // A step failed as a whole, or the batch was cancelled: whoever is undecided is handed over, as in any other doubt.
    const doubt: BatchOrder['doubt'] = isCancellation(error)
      ? { reason: 'batch_ended', why: 'the batch was cancelled' }
      : { reason: 'step_failed', why: String(error) }
    for (const order of batch.undecided) order.doubt ??= doubt
    if (isCancellation(error)) cancellation = error
  }
  await CancellationScope.nonCancellable(() => handOver(batch, budgetEndsAt))
  showBatch(batch)
  logBatch(batch)
  if (cancellation) throw cancellation
  return batch.all.flatMap(({ outcome }) => outcome ?? [])
}

/** Refused orders are voided and then rebacked, both at once or not here. */
async function undo(batch: BatchOrders, { voidOrders, rebackOrders }: ReturnType<typeof laneSteps>): Promise<void> {
  const orders = batch.refused
  if (orders.length === 0) return
  const voided = await voidOrders(orders.map(({ request, refusal }) => ({ request, refusal })))
  const owed = voided.filter(({ rebackOwed }) => rebackOwed)
  const returned = new Set(owed.length > 0 ? await rebackOrders(owed.map(({ orderSn, lines }) => ({ orderSn, lines }))) : [])
  for (const [i, order] of orders.entries()) {
    const judged = voided[i]
    if (!judged) order.doubt = { reason: 'not_undone', why: 'not voided' }
    else if (judged.order) batch.confirm(order, judged.order)
    else if (judged.outcome === 'CONFIRMED') order.doubt = { reason: 'too_large', why: 'too large an answer for a batch' }
    else if (judged.rebackOwed && !returned.has(judged.orderSn)) order.doubt = { reason: 'not_undone', why: 'not given back' }
    else order.outcome = { state: 'refused', refusal: judged.refusal ?? order.refusal }
  }
}

/** Gives every undecided order a saga of its own, with what is left of its budget; awaiting the start, since a child that is not awaited never starts. */
async function handOver(batch: BatchOrders, budgetEndsAt: string): Promise<void> {
  await Promise.all(
    batch.undecided.map(async (order: BatchOrder) => {
      const { request, orderSn, doubt = { reason: 'step_failed', why: 'not settled' } } = order
      const workflowId = createOrderWorkflowId(request)
      try {
        await startChild(createOrder, {
          workflowId,
          args: [request],
          parentClosePolicy: ParentClosePolicy.ABANDON,
          memo: { [BUDGET_MEMO]: budgetEndsAt },
          ...(orderSn !== undefined && { typedSearchAttributes: searchAttributesOf(orderSn, request) }),
        })
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error // it is at it already
      }
      order.outcome = { state: 'handedOver', workflowId, ...doubt }
    }),
  )
}
