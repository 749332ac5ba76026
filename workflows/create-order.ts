import { CancellationScope, CancelledFailure, workflowInfo } from '@temporalio/workflow'
import { failureIn, failureOf } from '../contracts/application-failure.ts'
import type { CreateOrderResult, OrderInput, OrderRequest } from '../contracts/create-order.ts'
import { type Failure, failure, isRefusal } from '../contracts/failures.ts'
import { parseOrderSn } from '../contracts/order.ts'
import { parseOrderRequest } from '../contracts/order-request.ts'
import { participantsOf } from '../contracts/participants/list.ts'
import { ORDER_BUDGET_MS } from '../contracts/time-budget.ts'
import { withinBudget } from './budget.ts'
import { budgetLeft } from './budget-left.ts'
import { settle } from './compensations.ts'
import { isOwn } from './is-own.ts'
import { priceOrder } from './price-order.ts'
import { refuseAboveCap } from './refuse-above-cap.ts'
import { byRulesOfToday } from './rules-of-today.ts'
import { SagaProgress } from './saga-progress.ts'
import { ensureSearchAttributes } from './search-attributes.ts'
import { batchGetGoods, confirmOrder, getUser, openOrder, takeFrom } from './steps.ts'

/**
 * Creates one order.
 *
 *     do                                      undo (settle, compensations.ts)
 *     openOrder      CREATING, locks the user   voidOrder   CREATING becomes TRADE_CLOSED
 *     getUser and batchGetGoods, priceOrder
 *     from each participant (contracts/participants/list.ts), in turn:
 *       sell         stock taken                reback      stock given back, after voidOrder
 *     confirmOrder   CREATING becomes PAYING: the pivot, nothing is undone behind it
 *
 * @param input an OrderInput, or anything else: it is checked here
 * @returns what the store holds
 * @throws a failure of contracts/failures.ts; then no stock is held and no order of this request will ever be confirmed
 */
export async function createOrder(input: OrderInput): Promise<CreateOrderResult> {
  // A reset changes the run id, but not the first one: the request keeps its name, and so its order.
  const request = parseOrderRequest(input, `run-${workflowInfo().firstExecutionRunId}`, byRulesOfToday)
  const progress = new SagaProgress()
  let expired = false
  const expire = () => {
    expired = true
  }

  // The undo stands around everything, openOrder included: its reply may be lost after it locked the user.
  try {
    return await withinBudget(budgetLeft(workflowInfo(), Date.now()), expire, () => placeOrder(request, progress))
  } catch (error) {
    const cancelled = CancellationScope.current().consideredCancelled
    const why = finalRefusal(error, progress, { expired, cancelled })
    const settlement = await settle({ request, refusal: why, isOwn: progress.isOwn }, progress)
    if (settlement.kind === 'stands') return settlement.order // a confirmation whose reply was lost is no failure
    // What the store holds is the answer, also if the cancellation came on top of another refusal.
    if (cancelled && settlement.refusal.type === 'OrderCancelled') throw new CancelledFailure(settlement.refusal.message)
    throw failureOf(settlement.refusal)
  }
}

async function placeOrder(request: OrderRequest, progress: SagaProgress): Promise<CreateOrderResult> {
  const opening = await openOrder(request)
  const { lines, ...opened } = opening.state === 'confirmed' ? opening.order : opening
  const orderSn = parseOrderSn(opened.orderSn)
  progress.opened(orderSn, lines, opening.state === 'open' && isOwn(opening))
  ensureSearchAttributes(orderSn, request)
  if (opening.state === 'confirmed') {
    progress.at('confirmed')
    return opening.order
  }

  progress.at('getUser and batchGetGoods')
  const goodsIds = lines.map(({ goodsId }) => goodsId)
  const [goods] = await Promise.all([batchGetGoods(goodsIds, orderSn), getUser(request.userId, orderSn)])
  const priced = priceOrder(lines, goods, request.expectedTotal)
  refuseAboveCap(priced, opening.mayCost)

  for (const { name, do: taking } of participantsOf(request)) {
    progress.at(taking.step)
    await takeFrom[name]({ orderSn, lines })
  }

  progress.at('confirmOrder')
  const order = await confirmOrder({ orderSn, lines: priced })
  progress.at('confirmed')
  return order
}

/** Derives the reason of the refusal, in a form that is still true when the request is repeated. */
function finalRefusal(
  error: unknown,
  progress: SagaProgress,
  { expired, cancelled }: { expired: boolean; cancelled: boolean },
): Failure {
  const refused = failureIn(error)
  if (refused && isRefusal(refused)) return refused
  const { step } = progress
  if (cancelled) return failure('OrderCancelled', `the run was cancelled during ${step}`, { step })
  if (expired)
    return failure('OrderTimedOut', `the order was not created within ${ORDER_BUDGET_MS / 1000} s; it stood at ${step}`, { step })
  return failure('InternalError', `${step} failed: ${String(error)}`, { step })
}
