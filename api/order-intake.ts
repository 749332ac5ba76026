import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import type { FastifyBaseLogger } from 'fastify'
import { failureIn, failureOf } from '../contracts/application-failure.ts'
import {
  type CreateOrderInput,
  type CreateOrderResult,
  createOrderWorkflowId,
  type NamedRequest,
  type OrderRequest,
} from '../contracts/create-order.ts'
import { type FailureType, failure } from '../contracts/failures.ts'
import type { OrderStatus } from '../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../contracts/order-sn.ts'
import { stateNameOf } from '../store/failures.ts'
import type { OrderStore } from '../store/order-store.ts'
import { asResult, isConfirmed, type StoredOrder } from '../store/stored-order.ts'
import type { OrderRuns, RunOutcome } from '../temporal/order-runs.ts'
import type { Admission } from './admission.ts'
import type { LaneIntake } from './lane-intake.ts'
import { RequestNames } from './request-names.ts'
import type { RowlessOrders } from './rowless-orders.ts'
import { stored } from './stored.ts'

/** `pending`: the outcome of the order, or of its stock, is open; the order is looked up by its number. */
type Answer = { kind: 'created'; result: CreateOrderResult } | { kind: 'pending'; orderSn: string; status: OrderStatus }

/** State of the row of a request; `closing`: it is closed, and owes a Reback. */
type Recorded = Answer | 'creating' | 'closing' | 'absent'

interface Ended {
  outcome: RunOutcome | Answer
  /** Workflow id of a run that may be another request's. */
  attached: boolean
  /** The run that is at the order, or was to be. */
  workflowId: string
  /** True if Temporal acknowledged that run. */
  isStarted: boolean
}

/** Time that the run of a batch is given to record its orders itself, in milliseconds. It hands over what it has not recorded. */
const RECORDED_WITHIN_MS = 1_000
const LOOK_EVERY_MS = 50
/** Number of times that an order is placed whose cart is edited each time between its key and its opening. */
const MOST_PLACINGS = 5

export interface IntakeDeps {
  orders: Pick<OrderStore, 'getOrder' | 'openOrders' | 'naturalKeys' | 'isOf'>
  /** True if the inventory honours the order number (INVENTORY_MODE). */
  keyed: boolean
  runs: Pick<OrderRuns, 'start' | 'attach' | 'outcome'>
  /** The express lane; without it each request starts a run of its own. */
  lane?: Pick<LaneIntake, 'take' | 'refuseIfBusy'>
  rowless: Pick<RowlessOrders, 'add' | 'remove'>
  admission: Pick<Admission, 'away' | 'overfull'>
  log: Pick<FastifyBaseLogger, 'error'>
  /**
   * Seals the recipient of a request that is about to leave this process, for the store or for Temporal. Throws ServiceUnavailable if it can't.
   * @default it leaves in clear
   */
  seal?: (request: NamedRequest) => Promise<OrderRequest>
  /** Receives each order that was refused when it was recorded here. */
  onOrderEnd?: (end: { outcome: FailureType }) => void
  /** Milliseconds that a caller waits for the end of its run. */
  waitMs: number
}

/** Takes checked requests and brings each to its one order. It never answers "refused" while the outcome is open. */
export class OrderIntake {
  readonly #deps: IntakeDeps
  readonly #names: RequestNames
  readonly #waits = new Set<AbortController>()

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    this.#names = new RequestNames(deps.orders)
  }

  /**
   * Places a request; one without a key gets one, and another if its cart was edited meanwhile: that is no refusal of it.
   * @param options.onNamed receives the key before anything is done under it; the last one is that of the answer
   * @param options.until end of the caller's wait, if that is not `waitMs` from now
   * @throws ApplicationFailure the refusal, a row of the failure table
   */
  async place(
    asked: CreateOrderInput,
    { onNamed, until }: { onNamed?: (requestId: string) => void; until?: AbortSignal } = {},
  ): Promise<Answer> {
    const { requestId: sent } = asked
    if (sent !== undefined) onNamed?.(sent)
    const { away } = this.#deps.admission
    if (away) throw failureOf(away)
    this.refuseIfBusy()
    if (sent !== undefined) return await this.#place({ ...asked, requestId: sent }, until)
    for (let placing = 1; ; placing++) {
      const requestId = await this.#names.nameOf(asked)
      onNamed?.(requestId)
      try {
        return await this.#place({ ...asked, requestId }, until)
      } catch (error) {
        if (failureIn(error)?.type !== 'CartChanged' || placing === MOST_PLACINGS) throw error
      }
    }
  }

  /** Refuses an order of which nothing was read yet, if too many come. @throws ApplicationFailure ServiceUnavailable */
  refuseIfBusy(): void {
    this.#deps.lane?.refuseIfBusy()
  }

  async #place(request: NamedRequest, until: AbortSignal | undefined): Promise<Answer> {
    const { admission, rowless } = this.#deps
    const { overfull } = admission
    const orderSn = orderSnOf(request)
    trace.getActiveSpan()?.setAttribute('order.sn', orderSn)
    if (overfull) {
      const known = await this.#recorded(request, orderSn)
      if (known === 'absent') throw failureOf(overfull)
      return isAnswer(known) ? known : pending(orderSn, known)
    }
    rowless.add(orderSn)
    let answer: Answer | undefined
    try {
      answer = await this.#answerOf(request, orderSn, until)
    } finally {
      // Whoever gets an answer or a refusal has a row, or no run: the others go on counting.
      if (answer?.kind !== 'pending') rowless.remove(orderSn)
    }
    return answer
  }

  async #answerOf(asked: NamedRequest, orderSn: string, until: AbortSignal | undefined): Promise<Answer> {
    const { lane, seal } = this.#deps
    const request = seal ? await stored(() => seal(asked)) : asked
    const ended = await this.#waitingFor(
      (signal) => (lane ? this.#byLane(lane, request, orderSn, signal) : this.#byOwnRun(request, orderSn, signal)),
      until,
    )
    const { attached } = ended
    const outcome = isDoubt(ended.outcome) ? { kind: 'open' as const } : ended.outcome
    if (!attached && (outcome.kind === 'created' || outcome.kind === 'pending')) return outcome
    if (!attached && outcome.kind === 'refused') throw failureOf(outcome.refused)

    // The run may be another body's under this key, or its end is not known: the row judges.
    const judged = outcome.kind === 'open' ? this.#held(request, orderSn, ended) : this.#recorded(request, orderSn)
    const after = await this.#ifReadable(orderSn, judged)
    if (after === 'unreadable' && !ended.isStarted) throw failureOf(nobodyKnows())
    if (isAnswer(after)) return after
    if (after === 'unreadable' || outcome.kind === 'open') return pending(orderSn, after)
    if (after !== 'absent') {
      if (outcome.kind !== 'refused') return pending(orderSn, after)
      // Of an order that is still being created that is another body's refusal, whose run held the name of ours.
      if (after === 'creating' && outcome.refused.type !== 'CompensationFailed') return pending(orderSn, after)
      throw failureOf(outcome.refused)
    }
    if (outcome.kind === 'broken') throw outcome.error
    throw failureOf(failure('ServiceUnavailable', 'the run of this key ended and left no order', { service: 'order-saga' }))
  }

  /** Repeats of settled orders are answered from their rows: in a batch each would cost as much as a new order. */
  async #byLane(lane: Pick<LaneIntake, 'take'>, request: OrderRequest, orderSn: string, signal: AbortSignal): Promise<Ended> {
    const before = await this.#ifReadable(orderSn, this.#recorded(request, orderSn))
    if (isAnswer(before)) return { outcome: before, attached: false, workflowId: '', isStarted: false }
    const outcome = await lane.take(request, orderSn, signal)
    const { workflowId, isStarted } = outcome.kind === 'open' ? outcome : { workflowId: '', isStarted: true }
    if (outcome.kind !== 'handedOver') return { outcome, attached: false, workflowId, isStarted }
    const { runs } = this.#deps
    const handedOver = await runs.outcome(runs.attach(outcome.workflowId), signal)
    return { outcome: handedOver, attached: true, workflowId: outcome.workflowId, isStarted }
  }

  /** Repeats are answered from the row, without a run. */
  async #byOwnRun(request: OrderRequest, orderSn: string, signal: AbortSignal): Promise<Ended> {
    const workflowId = createOrderWorkflowId(orderSn)
    const before = await this.#recorded(request, orderSn)
    if (isAnswer(before)) return { outcome: before, attached: false, workflowId, isStarted: false }
    const { runs } = this.#deps
    const run = await runs.start(request, orderSn)
    if (!run) return { outcome: { kind: 'open' }, attached: false, workflowId, isStarted: false }
    return { outcome: await runs.outcome(run, signal), attached: run.attached, workflowId, isStarted: true }
  }

  /** Lets go of every wait: its caller gets 202 now, its run goes on. */
  cutWaits(): void {
    for (const wait of this.#waits) wait.abort()
  }

  /**
   * Sees to it that the store has the order before its caller is answered that it is under way. Its number is answered from then on, and
   * the sweep settles it even if its run was never started. Whoever opens it next, and may Sell, finds it like any other order that
   * somebody opened before (test/proof/model).
   * @throws ApplicationFailure as `#recorded` does
   */
  async #held(request: OrderRequest, orderSn: string, { workflowId, isStarted }: Ended): Promise<Recorded> {
    const { orders, lane, keyed, onOrderEnd } = this.#deps
    let known = await this.#recorded(request, orderSn)
    for (const since = performance.now(); known === 'absent' && lane && isStarted; ) {
      if (performance.now() - since > RECORDED_WITHIN_MS) break
      await sleep(LOOK_EVERY_MS)
      known = await this.#recorded(request, orderSn)
    }
    if (known !== 'absent') return known
    const intent = { ...request, orderSn, fingerprint: fingerprintOf(request), workflowId, keyed }
    const [opened] = await stored(() => orders.openOrders([intent]))
    if (opened?.inserted && opened.order.refusal) onOrderEnd?.({ outcome: opened.order.refusal.type })
    return await this.#judged(request, opened?.order)
  }

  /**
   * Reads from the row what became of this request.
   * @throws ApplicationFailure IdempotencyKeyReused; the refusal for which the order was closed; ServiceUnavailable
   */
  async #recorded(request: OrderRequest, orderSn: string): Promise<Recorded> {
    return await this.#judged(request, await stored(() => this.#deps.orders.getOrder(orderSn)))
  }

  async #judged(request: OrderRequest, order: StoredOrder | undefined): Promise<Recorded> {
    if (!order) return 'absent'
    return judge(order, await stored(async () => this.#deps.orders.isOf(order, fingerprintOf(request))))
  }

  async #ifReadable(orderSn: string, reading: Promise<Recorded>): Promise<Recorded | 'unreadable'> {
    return await reading.catch((error: unknown) => {
      const refused = failureIn(error)
      if (refused && refused.type !== 'ServiceUnavailable') throw error
      // What was started goes on, whatever is wrong with the store, and what was not may be.
      if (!refused) this.#deps.log.error({ order: orderSn, error: stateNameOf(error) }, 'the order store could not be read')
      return 'unreadable' as const
    })
  }

  async #waitingFor<T>(wait: (signal: AbortSignal) => Promise<T>, until: AbortSignal | undefined): Promise<T> {
    const cut = new AbortController()
    const timer = until ? undefined : setTimeout(() => cut.abort(), this.#deps.waitMs)
    this.#waits.add(cut)
    try {
      return await wait(until ? AbortSignal.any([until, cut.signal]) : cut.signal)
    } finally {
      clearTimeout(timer)
      this.#waits.delete(cut)
    }
  }
}

function pending(orderSn: string, known: Exclude<Recorded, Answer> | 'unreadable'): Answer {
  return { kind: 'pending', orderSn, status: known === 'closing' ? 'TRADE_CLOSED' : 'CREATING' }
}

/** @throws ApplicationFailure IdempotencyKeyReused; the refusal for which the order was closed */
function judge(order: StoredOrder, isMine: boolean): Exclude<Recorded, 'absent'> {
  const { orderSn, status, stockState, owed } = order
  if (!isMine) {
    throw failureOf(failure('IdempotencyKeyReused', `the key of order ${orderSn} came with another body`, { orderSn }))
  }
  if (isConfirmed(order)) return { kind: 'created', result: asResult(order) }
  if (stockState === 'in_doubt') return { kind: 'pending', orderSn, status }
  if (status !== 'TRADE_CLOSED') return 'creating'
  // One that still owes something is not answered yet: the next run gives it back first.
  if (owed.length === 0 && order.refusal) throw failureOf(order.refusal)
  return 'closing'
}

/** The only 503 of which an order may stand: neither party could say. */
function nobodyKnows() {
  const message = 'neither Temporal nor PostgreSQL said whether this order was begun'
  return failure('ServiceUnavailable', message, { service: 'order-saga' })
}

/** The run ended without knowing what became of the stock, and so do its callers: that is no refusal. */
function isDoubt(outcome: RunOutcome | Answer): boolean {
  return outcome.kind === 'refused' && outcome.refused.type === 'OrderInDoubt'
}

function isAnswer(recorded: Answer | string): recorded is Answer {
  return typeof recorded === 'object'
}
