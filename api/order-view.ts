import { failureOf } from '../contracts/application-failure.ts'
import { ANYBODY, type Caller } from '../contracts/caller.ts'
import { createOrderWorkflowId, type Progress } from '../contracts/create-order.ts'
import { failure } from '../contracts/failures.ts'
import { messageForCallers } from '../contracts/message-for-callers.ts'
import { isOrderSn } from '../contracts/order.ts'
import { matches } from '../contracts/schema.ts'
import { owns } from '../identity/whose.ts'
import { isSettled, type StoredOrder } from '../store/stored-order.ts'
import type { OrderRuns } from '../temporal/order-runs.ts'
import { type OrderSummary, type OrderView, SAGA, type SagaView } from './components.ts'
import type { SeenOrder } from './order-reads.ts'
import { stored } from './stored.ts'

export interface ViewDeps {
  orders: { getOrder(orderSn: string): Promise<SeenOrder | undefined> }
  runs: Pick<OrderRuns, 'progress'>
  /** False: no run is asked. */
  temporal: { readonly isUp: boolean }
  /** The web UI's page of a run, if there is a web UI. */
  runUrl?: (workflowId: string) => string
}

/** The failure of an order that there is not, or not for its user any more. */
export function orderNotFound(orderSn: string) {
  return failureOf(failure('OrderNotFound', `there is no order ${JSON.stringify(orderSn.slice(0, 32))}`))
}

/**
 * @param caller whom it is shown to: an order of somebody else is not found
 * @throws ApplicationFailure OrderNotFound, ServiceUnavailable
 */
export async function viewOrder(deps: ViewDeps, orderSn: string, caller: Caller = ANYBODY): Promise<OrderView> {
  if (!isOrderSn(orderSn)) throw orderNotFound(orderSn)
  // Every order that a caller knows of has a row (order-intake.ts), so no run needs to be looked for.
  const order = await stored(() => deps.orders.getOrder(orderSn))
  if (!order || order.deletedAt || !owns(caller, order.userId)) throw orderNotFound(orderSn)
  const { stockState, lines, inDoubt, refusal: refused, payments } = order
  return {
    ...summaryOf(order),
    stockState,
    lines,
    ...(payments && payments.length > 0 && { payments: payments.map(({ orderSn: _, ...payment }) => payment) }),
    ...(inDoubt && { inDoubt }),
    ...(refused && { refusal: { type: refused.type, code: refused.code, message: messageForCallers(refused) } }),
    ...(!isSettled(order) && deps.temporal.isUp && { saga: await viewSaga(deps, orderSn, runsOf(order)) }),
  }
}

/** The members of an order that a list shows as well. */
export function summaryOf(order: StoredOrder): OrderSummary {
  const { orderSn, userId, status, total, createdAt, payDeadline, paidAt, finishedAt, closedAt, closedFor } = order
  return {
    ...{ orderSn, userId, status, createdAt },
    ...(total && { total }),
    ...(payDeadline && { payDeadline }),
    ...(paidAt && { paidAt }),
    ...(finishedAt && { finishedAt }),
    ...(closedAt && { closedAt }),
    ...(closedFor && { closedFor }),
  }
}

/** The order's own run, which a batch may have handed it over to, then the run that opened it. */
function runsOf(order: StoredOrder): string[] {
  return [...new Set([createOrderWorkflowId(order.orderSn), order.workflowId])]
}

/** Progress from the first of these runs that reports any; the last run is named if none does. */
async function viewSaga({ runs, runUrl }: ViewDeps, orderSn: string, workflowIds: readonly string[]): Promise<SagaView> {
  let workflowId = ''
  let progress: Progress | undefined
  for (workflowId of workflowIds) {
    progress = await runs.progress(workflowId)
    // Whoever started it may have used the id again, for another order.
    if (progress?.orderSn !== undefined && progress.orderSn !== orderSn) progress = undefined
    if (progress) break
  }
  const named = { workflowId, ...(runUrl && { url: runUrl(workflowId) }) }
  const { step, undone, failure } = progress ?? {}
  const saga = { ...named, ...(step && { step }), ...(undone && { undone }), ...(failure && { failure }) }
  // Nor need it be a workflow of ours.
  return matches(SAGA, saga) ? saga : named
}
