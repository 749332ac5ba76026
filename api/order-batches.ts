import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Span, trace } from '@opentelemetry/api'
import { type WorkflowClient, WorkflowFailedError, type WorkflowHandle } from '@temporalio/client'
import { failureOf } from '../contracts/application-failure.ts'
import {
  type CreateOrderInput,
  type CreateOrderResult,
  createOrderWorkflowId,
  type OrderRequest,
  WORKFLOW_TYPES,
} from '../contracts/create-order.ts'
import { type BatchOutcome, MAX_BATCH_LINES, MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'
import { refusal } from '../contracts/failures.ts'
import { fingerprintOf } from '../contracts/order-sn.ts'
import { searchAttributesOfBatch } from '../contracts/search-attributes.ts'
import { BATCH_TASK_TIMEOUT_MS, START_DEADLINE_MS } from '../contracts/time-budget.ts'
import { openAt, outcomeOf, type RunOutcome } from '../temporal/order-runs.ts'
import { startRun } from '../temporal/start-run.ts'
import { inBatchSpan } from './batch-span.ts'
import type { ShedReason } from './lane-metrics.ts'
import { LaneWait } from './lane-wait.ts'

type CreateOrders = (inputs: CreateOrderInput[]) => Promise<BatchOutcome[]>

/**
 * Outcome of one request in a batch: an end, or the workflow id of the saga that it was handed over to. `open`: not known yet,
 * with the workflow id of the batch, and whether Temporal acknowledged it.
 */
export type LaneOutcome =
  | Exclude<RunOutcome, { kind: 'open' }>
  | { kind: 'open'; workflowId: string; isStarted: boolean }
  | { kind: 'handedOver'; workflowId: string }

interface Waiting {
  request: OrderRequest
  orderSn: string
  fingerprint: string
  /** Spans of the requests that share this place, if there are traces. */
  spans: Span[]
  outcome: Promise<LaneOutcome>
  /** The first of these two decides; what comes later is nobody's. */
  settle: (outcome: LaneOutcome) => void
  fail: (error: unknown) => void
  /** Workflow id of the batch with which the order left. */
  workflowId?: string
  /** Temporal holds that batch. */
  isStarted: boolean
  started: Promise<void>
  markStarted: () => void
  /** Number of callers that wait for the order here. When the last of them has gone without an answer, `left` is fulfilled. */
  callers: number
  left: Promise<void>
  markLeft: () => void
  /** Its batch comes to it again later. */
  postponed: Promise<void>
  postpone: () => void
}

interface HeadStart {
  begin(): void
  end(): void
}

/** Tries a batch's steps in this process, from the moment when Temporal holds it (composition/head-starts.ts). */
interface HeadStarts {
  of(workflowId: string, requests: OrderRequest[]): HeadStart
}

interface UnderWay {
  orders: number
  /** Each of its callers is answered, has gone, or waits for its second round. */
  isServed: boolean
}

/** Runs that go on after all of their callers were served: so many at the same time, beside those that are waited for. */
const MAX_SERVED = 3

interface Options {
  taskQueue: string
  /** Batches that are under way at the same time; a request that finds fewer leaves at once. */
  maxInFlight: number
  /** Requests that wait to leave; one more is refused. */
  maxQueue: number
  /** Milliseconds that a caller waits for its order: one who would probably wait longer is refused at once. @default as long as it takes */
  waitMs?: number
  /** Is called with what became of the orders of a batch, as far as it is known, when its run has ended. */
  onBatchEnd?: (outcomes: readonly BatchOutcome[]) => void
  /** Is called for each order that is refused since others wait. */
  onShed?: (reason: ShedReason) => void
}

/**
 * The express lane's intake. It never delays: a request leaves at once while few batches are under way; those that arrive
 * meanwhile leave together, in the order of their arrival.
 */
export class OrderBatches {
  #client: Pick<WorkflowClient, 'start' | 'withDeadline'>
  #headStarts: HeadStarts | undefined
  readonly #options: Options
  #queue: Waiting[] = []
  /** Queued or under way, by number and fingerprint: equal requests share one place. */
  readonly #waiting = new Map<string, Waiting>()
  /** Orders of every batch under way, by number. */
  readonly #leaving = new Map<string, Waiting>()
  readonly #underWay = new Set<UnderWay>()
  readonly #wait = new LaneWait()

  constructor(client: Pick<WorkflowClient, 'start' | 'withDeadline'>, options: Options) {
    this.#client = client
    this.#options = options
  }

  /** Requests that wait to leave. */
  get queued(): number {
    return this.#queue.length
  }

  /**
   * @param signal the end of the caller's wait: it is let go as soon as Temporal holds its order, or may hold it
   * @returns what became of it; `open` where its fate is not known
   * @throws ApplicationFailure ServiceUnavailable: the queue is full, or longer than its caller waits; or certainly nothing was started
   */
  async take(request: OrderRequest, orderSn: string, signal: AbortSignal): Promise<LaneOutcome> {
    const fingerprint = fingerprintOf(request)
    const key = `${orderSn} ${fingerprint}`
    const spans = [trace.getActiveSpan() ?? []].flat()
    const equal = this.#waiting.get(key)
    if (equal) {
      equal.spans.push(...spans)
      equal.callers++
      return await Promise.race([equal.outcome, this.#letGo(equal, signal)])
    }
    const shed = this.#shedReason()
    if (shed) throw this.#tooMany(shed)
    const { promise: outcome, resolve: settle, reject: fail } = deferred<LaneOutcome>()
    const { promise: started, resolve: markStarted } = deferred<void>()
    const { promise: left, resolve: markLeft } = deferred<void>()
    const { promise: postponed, resolve: postpone } = deferred<void>()
    const promised = { outcome, settle, fail, started, markStarted, left, markLeft, postponed, postpone }
    const waiting: Waiting = { request, orderSn, fingerprint, spans, ...promised, isStarted: false, callers: 1 }
    this.#waiting.set(key, waiting)
    const end = outcome.finally(() => this.#waiting.delete(key))
    this.#queue.push(waiting)
    this.#dispatch()
    return await Promise.race([end, this.#letGo(waiting, signal)])
  }

  #shedReason(): ShedReason | undefined {
    const { maxQueue, waitMs = Number.POSITIVE_INFINITY } = this.#options
    if (this.#queue.length >= maxQueue) return 'queue_full'
    return this.#wait.expectedMs(this.#queue.length) > waitMs ? 'long_wait' : undefined
  }

  #tooMany(reason: ShedReason): Error {
    this.#options.onShed?.(reason)
    return failureOf(refusal('ServiceUnavailable', 'too many orders are waiting; nothing was started', { service: 'order-saga' }))
  }

  /** Nobody is told that an order is under way while it stands in our memory alone: it would be lost with this process. */
  async #letGo(waiting: Waiting, signal: AbortSignal): Promise<LaneOutcome> {
    await openAt(signal)
    await Promise.race([waiting.started, sleep(START_DEADLINE_MS, undefined, { ref: false })])
    if (!this.#queue.includes(waiting)) {
      waiting.callers--
      if (waiting.callers === 0) waiting.markLeft()
      return openIn(waiting)
    }
    this.#queue = this.#queue.filter((one) => one !== waiting)
    waiting.fail(this.#tooMany('wait_over'))
    return await waiting.outcome
  }

  /** Switches to a client on one connection with a worker of this process, which gets each batch's first task at once. */
  startEagerlyBy(client: Pick<WorkflowClient, 'start' | 'withDeadline'>, headStarts: HeadStarts): void {
    this.#client = client
    this.#headStarts = headStarts
  }

  /** Answers a caller as soon as its order is confirmed in PostgreSQL, where worker and intake share a process. */
  confirmed(result: CreateOrderResult, workflowId: string): void {
    const waiting = this.#leaving.get(result.orderSn)
    // A batch that was terminated may confirm late, when another body of the same key is under way already.
    if (waiting?.workflowId === workflowId) waiting.settle({ kind: 'created', result })
  }

  /**
   * Lets others leave before a batch has come again to these orders, about which it has no answer yet: while a service is away the
   * lane keeps its pace. Known where worker and intake share a process.
   */
  unanswered(orderSns: readonly string[], workflowId: string): void {
    for (const orderSn of orderSns) {
      const waiting = this.#leaving.get(orderSn)
      if (waiting?.workflowId === workflowId) waiting.postpone()
    }
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && this.#hasRoom()) {
      const { batch, isFull } = this.#nextBatch()
      if (batch.length === 0) return // all of them wait for an order of their own key
      const underWay: UnderWay = { orders: batch.length, isServed: false }
      const left = performance.now()
      this.#underWay.add(underWay)
      const workflowId = `create-orders/${randomUUID()}`
      for (const waiting of batch) {
        waiting.workflowId = workflowId
        this.#leaving.set(waiting.orderSn, waiting)
      }
      const free = () => {
        this.#underWay.delete(underWay)
        for (const waiting of batch) if (this.#leaving.get(waiting.orderSn) === waiting) this.#leaving.delete(waiting.orderSn)
        this.#dispatch()
      }
      void Promise.all(batch.map(isServed)).then(() => {
        underWay.isServed = true
        this.#wait.took(performance.now() - left, { orders: batch.length, isFull })
        this.#dispatch()
      })
      // A run that may never end closes the lane for nobody.
      void Promise.all(batch.map(isLeft)).then((gone) => gone.includes(true) && free())
      void this.#run(workflowId, batch).finally(free)
    }
  }

  /**
   * A batch keeps its place until its run has ended, or its last callers have gone without an answer, or, once all are served, until as
   * many wait again: of callers that order again at once the first would leave alone, and so in ever smaller batches.
   */
  #hasRoom(): boolean {
    const { maxInFlight } = this.#options
    const placed = [...this.#underWay].filter(({ orders, isServed }) => !isServed || orders > this.#queue.length)
    return placed.length < maxInFlight && this.#underWay.size < maxInFlight + MAX_SERVED
  }

  /**
   * The longest waiting first; of one user one order, or the second would be refused as OrderInProgress; of one number one
   * under way, since a confirmation is looked up by it.
   */
  #nextBatch(): { batch: Waiting[]; isFull: boolean } {
    const batch: Waiting[] = []
    const left: Waiting[] = []
    const users = new Set<number>()
    let lines = 0
    let isFull = false
    for (const waiting of this.#queue) {
      const { userId, lines: asked = [] } = waiting.request
      const isFree = !users.has(userId) && !this.#leaving.has(waiting.orderSn)
      const fits = isFree && batch.length < MAX_BATCH_ORDERS && lines + asked.length <= MAX_BATCH_LINES
      // Who waits keeps its place before its own later orders: they stay behind it.
      users.add(userId)
      if (fits) lines += asked.length
      else if (isFree) isFull = true
      ;(fits ? batch : left).push(waiting)
    }
    this.#queue = left
    return { batch, isFull }
  }

  /** Never rejects: whatever happens, its callers hear of it. */
  async #run(workflowId: string, batch: Waiting[]): Promise<void> {
    const requests = batch.map(({ request }) => request)
    const spans = batch.flatMap((waiting) => waiting.spans)
    let headStart: HeadStart | undefined
    try {
      headStart = this.#headStarts?.of(workflowId, requests)
      const started = await inBatchSpan(spans, async () => {
        const started = await startRun(this.#client, () => this.#start(workflowId, requests, batch))
        if (typeof started === 'object' && started.run.eagerlyStarted) headStart?.begin()
        return started
      })
      // Nobody else uses this name: a run is there only if the SDK repeated a start of ours whose answer was lost.
      if (started === 'there' || started === 'unknown') {
        for (const waiting of batch) waiting.settle(openIn(waiting))
        return
      }
      for (const waiting of batch) {
        waiting.isStarted = true
        waiting.markStarted()
      }
      await this.#follow(started.run, batch)
    } catch (error) {
      for (const { fail } of batch) fail(error)
    } finally {
      headStart?.end()
    }
  }

  async #follow(handle: Pick<WorkflowHandle<CreateOrders>, 'result'>, batch: Waiting[]): Promise<void> {
    try {
      const outcomes = await handle.result()
      for (const [i, waiting] of batch.entries()) waiting.settle(laneOutcomeOf(outcomes[i], waiting))
      this.#options.onBatchEnd?.(outcomes)
    } catch (error) {
      const ends = batch.map((waiting) => {
        const end = endOf(error, waiting)
        waiting.settle(end)
        return end
      })
      this.#options.onBatchEnd?.(ends.flatMap((end) => (end.kind === 'handedOver' ? batchEnded(end.workflowId) : [])))
    }
  }

  #start(workflowId: string, requests: OrderRequest[], batch: Waiting[]) {
    return this.#client.start<CreateOrders>(WORKFLOW_TYPES.createOrders, {
      workflowId,
      taskQueue: this.#options.taskQueue,
      args: [requests],
      typedSearchAttributes: searchAttributesOfBatch(batch),
      staticSummary: batch.length === 1 ? '1 order' : `${batch.length} orders`,
      workflowTaskTimeout: BATCH_TASK_TIMEOUT_MS,
      requestEagerStart: this.#headStarts !== undefined,
    })
  }
}

/** Outcome of an order whose batch came to no end of its own, or to one that is not known here. */
function endOf(error: unknown, waiting: Waiting): LaneOutcome {
  if (error instanceof WorkflowFailedError) {
    // Cancelled, the batch has handed over what it had not decided; terminated, it has not, and there may be no such run.
    return { kind: 'handedOver', workflowId: createOrderWorkflowId(waiting.request) }
  }
  const outcome = outcomeOf(error)
  return outcome.kind === 'open' ? openIn(waiting) : outcome
}

function batchEnded(workflowId: string): BatchOutcome {
  return { state: 'handedOver', workflowId, why: 'the batch was cancelled or terminated', reason: 'batch_ended' }
}

function laneOutcomeOf(outcome: BatchOutcome | undefined, waiting: Waiting): LaneOutcome {
  switch (outcome?.state) {
    case 'confirmed':
      return { kind: 'created', result: outcome.order }
    case 'refused':
      return { kind: 'refused', refused: outcome.refusal }
    case 'handedOver':
      return { kind: 'handedOver', workflowId: outcome.workflowId }
    default:
      return openIn(waiting)
  }
}

/** True if the order's callers went before it was decided. */
async function isLeft({ outcome, left }: Waiting): Promise<boolean> {
  const decided = outcome.then(
    () => false,
    () => false,
  )
  return await Promise.race([decided, left.then(() => true)])
}

/** Once it is answered, left by the last of its callers, or comes again later. */
async function isServed({ outcome, left, postponed }: Waiting): Promise<void> {
  const answered = outcome.then(
    () => {},
    () => {},
  )
  await Promise.race([answered, left, postponed])
}

function openIn({ workflowId = '', isStarted }: Waiting): LaneOutcome {
  return { kind: 'open', workflowId, isStarted }
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
