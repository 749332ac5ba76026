import type { Span } from '@opentelemetry/api'
import type { OrderRequest } from '../contracts/create-order.ts'
import type { RunOutcome } from '../temporal/order-runs.ts'

/**
 * Outcome of one request in a batch: an end, or the workflow id of the saga that it was handed over to. `open`: not known yet,
 * with the workflow id of the batch, and whether Temporal acknowledged it.
 */
export type LaneOutcome =
  | Exclude<RunOutcome, { kind: 'open' }>
  | { kind: 'open'; workflowId: string; isStarted: boolean }
  | { kind: 'handedOver'; workflowId: string }

/** One order on its way through the lane. Equal requests share it: each is one of its callers. */
export class LaneOrder {
  readonly request: OrderRequest
  readonly orderSn: string
  readonly fingerprint: string
  /** Spans of the requests that share this place, if there are traces. */
  readonly spans: Span[] = []
  /** Workflow id of the batch with which the order left. */
  workflowId = ''
  readonly #outcome = deferred<LaneOutcome>()
  readonly #started = deferred<void>()
  readonly #left = deferred<void>()
  readonly #postponed = deferred<void>()
  #isStarted = false
  #callers = 0

  constructor(request: OrderRequest, orderSn: string, fingerprint: string) {
    this.request = request
    this.orderSn = orderSn
    this.fingerprint = fingerprint
  }

  /** Fulfilled or rejected by `end` and `fail`, whichever is first; what comes later is nobody's. */
  get outcome(): Promise<LaneOutcome> {
    return this.#outcome.promise
  }

  end(outcome: LaneOutcome): void {
    this.#outcome.resolve(outcome)
  }

  fail(error: unknown): void {
    this.#outcome.reject(error)
  }

  /** Fulfilled when Temporal has acknowledged the order's batch. */
  get started(): Promise<void> {
    return this.#started.promise
  }

  markStarted(): void {
    this.#isStarted = true
    this.#started.resolve()
  }

  addCaller(spans: readonly Span[]): void {
    this.spans.push(...spans)
    this.#callers++
  }

  /** Counts a caller that goes without an answer. */
  removeCaller(): void {
    if (--this.#callers === 0) this.#left.resolve()
  }

  /** Notes that the batch will come to this order again later. */
  postpone(): void {
    this.#postponed.resolve()
  }

  /** The outcome of an order whose fate is not known. */
  get open(): LaneOutcome {
    return { kind: 'open', workflowId: this.workflowId, isStarted: this.#isStarted }
  }

  /** Fulfilled when the order is answered, left by the last of its callers, or comes again later. */
  async served(): Promise<void> {
    await Promise.race([this.#decided(), this.#left.promise, this.#postponed.promise])
  }

  /** Returns true as soon as the last caller has gone without an answer, false as soon as there is one. */
  async leftUndecided(): Promise<boolean> {
    return await Promise.race([this.#decided().then(() => false), this.#left.promise.then(() => true)])
  }

  #decided(): Promise<void> {
    return this.outcome.then(
      () => {},
      () => {},
    )
  }
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((resolves, rejects) => {
    resolve = resolves
    reject = rejects
  })
  return { promise, resolve, reject }
}
