import { failureIn } from '../contracts/application-failure.ts'
import type { CreateOrderResult, OrderRequest } from '../contracts/create-order.ts'
import type { BatchOutcome, HandOverReason } from '../contracts/create-orders.ts'
import { encodedBytes } from '../contracts/encoded-size.ts'
import type { Failure } from '../contracts/failures.ts'
import type { Line, OrderLine, OrderSn } from '../contracts/order.ts'
import { parseOrderRequest } from '../contracts/order-request.ts'

const MISSING_ANSWERS: ReadonlySet<HandOverReason> = new Set(['user_unanswered', 'goods_unanswered', 'step_failed'])

/** One order of a batch on its way. */
export interface BatchOrder {
  request: OrderRequest
  /** Order number, known once the order is open. */
  orderSn?: OrderSn
  lines: Line[]
  /** Minor units to which it may come; absent: any number. */
  mayCost?: number
  priced: OrderLine[]
  /** Reason for which the order is refused, as long as it is not settled. */
  refusal?: Failure
  /** Reason for which the order's own saga has to settle it. */
  unresolved?: { reason: HandOverReason; why: string }
  outcome?: BatchOutcome
}

/** The orders of one batch: who is still on the way, who is refused, who is unresolved. */
export class Batch {
  readonly all: readonly BatchOrder[]

  /**
   * @param fallbackRequestId made distinct for each order whose input has no request id
   * @param byRulesOfToday see parseOrderRequest
   */
  constructor(inputs: readonly unknown[], fallbackRequestId: string, byRulesOfToday?: () => boolean) {
    this.all = inputs.map((input, i) => orderFrom(input, `${fallbackRequestId}-${i}`, byRulesOfToday))
  }

  /** Neither decided, refused nor unresolved. */
  get onTheWay(): BatchOrder[] {
    return this.all.filter(({ outcome, refusal, unresolved }) => !outcome && !refusal && !unresolved)
  }

  /** Refused, and not settled yet. */
  get refused(): (BatchOrder & { refusal: Failure })[] {
    return this.all.filter(
      (order): order is BatchOrder & { refusal: Failure } => !order.outcome && !!order.refusal && !order.unresolved,
    )
  }

  /**
   * Orders that are unresolved only because an answer was missing before anything was sold: they are worth another try. An order that was
   * priced was on its way to its Sell.
   */
  get unanswered(): BatchOrder[] {
    return this.undecided.filter(
      ({ refusal, unresolved, priced }) =>
        !refusal && unresolved && MISSING_ANSWERS.has(unresolved.reason) && priced.length === 0,
    )
  }

  get undecided(): BatchOrder[] {
    return this.all.filter(({ outcome }) => !outcome)
  }

  /** Encoded bytes of what an earlier round confirmed: they stand in the batch's result as well. */
  get confirmedBytes(): number {
    const confirmed = this.all.filter(({ outcome }) => outcome?.state === 'confirmed')
    return confirmed.reduce((bytes, { priced }) => bytes + encodedBytes(priced), 0)
  }

  /** Sets the unanswered ones on their way again. */
  tryAgain(): void {
    for (const order of this.unanswered) delete order.unresolved
  }

  confirm(order: BatchOrder, result: CreateOrderResult): void {
    order.outcome = { state: 'confirmed', order: result }
  }
}

/** Input that is not valid is refused from the start; nothing asks for its request then. */
function orderFrom(input: unknown, fallbackRequestId: string, byRulesOfToday?: () => boolean): BatchOrder {
  const order = { lines: [], priced: [] }
  try {
    return { ...order, request: parseOrderRequest(input, fallbackRequestId, byRulesOfToday) }
  } catch (error) {
    const refusal = failureIn(error)
    if (!refusal) throw error
    return { ...order, request: input as OrderRequest, outcome: { state: 'refused', refusal } }
  }
}
