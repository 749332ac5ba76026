import { randomUUID } from 'node:crypto'
import type { WorkflowClient } from '@temporalio/client'
import type { CreateOrderInput, CreateOrderResult, OrderRequest } from '../contracts/create-order.ts'
import { WORKFLOW_TYPES } from '../contracts/create-order.ts'
import { type BatchOutcome, MAX_BATCH_LINES, MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'
import { failureOf, refusal } from '../contracts/failures.ts'
import { fingerprintOf } from '../contracts/order-sn.ts'
import { searchAttributesOfBatch } from '../contracts/search-attributes.ts'
import { outcomeOf, type RunOutcome, refuseWhatWasNotStarted, START_DEADLINE_MS, within } from './order-runs.ts'

type CreateOrders = (inputs: CreateOrderInput[]) => Promise<BatchOutcome[]>

/** What a batch made of one request: an end, or the workflow id of the saga that it was handed over to. */
export type LaneOutcome = RunOutcome | { kind: 'handedOver'; workflowId: string }

interface Waiting {
  request: OrderRequest
  orderSn: string
  fingerprint: string
  outcome: Promise<LaneOutcome>
  settle: (outcome: LaneOutcome | Promise<never>) => void
}

interface Options {
  taskQueue: string
  /** Batches that are under way at the same time; a request that finds fewer leaves at once. */
  maxInFlight: number
  /** Requests that wait to leave; one more is refused. */
  maxQueue: number
}

/**
 * The express lane's intake. It never delays: a request leaves at once while few batches are under way; those that arrive
 * meanwhile leave together, in the order of their arrival.
 */
export class OrderBatches {
  #client: Pick<WorkflowClient, 'start' | 'withDeadline'>
  #eager = false
  readonly #options: Options
  #queue: Waiting[] = []
  /** Queued or under way, by number and fingerprint: equal requests share one place. */
  readonly #waiting = new Map<string, Waiting>()
  /** Of every batch under way, by number. */
  readonly #leaving = new Map<string, Waiting>()
  #inFlight = 0

  constructor(client: Pick<WorkflowClient, 'start' | 'withDeadline'>, options: Options) {
    this.#client = client
    this.#options = options
  }

  /** Requests that wait to leave. */
  get queued(): number {
    return this.#queue.length
  }

  /**
   * @returns what became of it; `open` where its fate is not known
   * @throws ApplicationFailure ServiceUnavailable: the queue is full, or certainly nothing was started
   */
  async take(request: OrderRequest, orderSn: string): Promise<LaneOutcome> {
    const fingerprint = fingerprintOf(request)
    const key = `${orderSn} ${fingerprint}`
    const equal = this.#waiting.get(key)
    if (equal) return await equal.outcome
    if (this.#queue.length >= this.#options.maxQueue) {
      throw failureOf(
        refusal('ServiceUnavailable', 'too many orders are waiting; nothing was started', { service: 'order-saga' }),
      )
    }
    const waiting = { request, orderSn, fingerprint, ...deferred<LaneOutcome>() }
    this.#waiting.set(key, waiting)
    this.#queue.push(waiting)
    this.#dispatch()
    return await waiting.outcome.finally(() => this.#waiting.delete(key))
  }

  /** From now on: a client on one connection with a worker of this process, which gets each batch's first task at once. */
  startEagerlyBy(client: Pick<WorkflowClient, 'start' | 'withDeadline'>): void {
    this.#client = client
    this.#eager = true
  }

  /** Answers a caller as soon as its order is confirmed in PostgreSQL, where worker and intake share a process. */
  confirmed(result: CreateOrderResult): void {
    this.#leaving.get(result.orderSn)?.settle({ kind: 'created', result })
  }

  #dispatch(): void {
    while (this.#inFlight < this.#options.maxInFlight && this.#queue.length > 0) {
      const batch = this.#nextBatch()
      if (batch.length === 0) return // all of them wait for an order of their own key
      this.#inFlight++
      for (const waiting of batch) this.#leaving.set(waiting.orderSn, waiting)
      void this.#run(batch).finally(() => {
        this.#inFlight--
        for (const { orderSn } of batch) this.#leaving.delete(orderSn)
        this.#dispatch()
      })
    }
  }

  /**
   * The longest waiting first; of one user one order, or the second would be refused as OrderInProgress; of one number one
   * under way, since a confirmation names nothing else.
   */
  #nextBatch(): Waiting[] {
    const batch: Waiting[] = []
    const left: Waiting[] = []
    const users = new Set<number>()
    let lines = 0
    for (const waiting of this.#queue) {
      const { userId, lines: asked = [] } = waiting.request
      const isFree = !users.has(userId) && !this.#leaving.has(waiting.orderSn)
      const fits = isFree && batch.length < MAX_BATCH_ORDERS && lines + asked.length <= MAX_BATCH_LINES
      // Who waits keeps its place before its own later orders: they stay behind it.
      users.add(userId)
      if (fits) lines += asked.length
      ;(fits ? batch : left).push(waiting)
    }
    this.#queue = left
    return batch
  }

  async #run(batch: Waiting[]): Promise<void> {
    try {
      const handle = await within(this.#client, START_DEADLINE_MS, () =>
        this.#client.start<CreateOrders>(WORKFLOW_TYPES.createOrders, {
          workflowId: `create-orders/${randomUUID()}`,
          taskQueue: this.#options.taskQueue,
          args: [batch.map(({ request }) => request)],
          typedSearchAttributes: searchAttributesOfBatch(batch),
          staticSummary: `${batch.length} orders`,
          requestEagerStart: this.#eager,
        }),
      )
      const outcomes = await handle.result()
      for (const [i, { settle }] of batch.entries()) settle(laneOutcomeOf(outcomes[i]))
    } catch (error) {
      const settle = this.#endOf(error)
      for (const waiting of batch) waiting.settle(settle())
    }
  }

  /** How all of a batch end that could not be started, or whose end is not known. */
  #endOf(error: unknown): () => LaneOutcome | Promise<never> {
    try {
      refuseWhatWasNotStarted(error)
    } catch (refused) {
      return () => Promise.reject(refused)
    }
    const outcome = outcomeOf(error)
    return () => outcome
  }
}

function laneOutcomeOf(outcome: BatchOutcome | undefined): LaneOutcome {
  switch (outcome?.state) {
    case 'confirmed':
      return { kind: 'created', result: outcome.order }
    case 'refused':
      return { kind: 'refused', refused: outcome.refusal }
    case 'handedOver':
      return { kind: 'handedOver', workflowId: outcome.workflowId }
    default:
      return { kind: 'open' }
  }
}

function deferred<T>() {
  let settle: (value: T | Promise<never>) => void = () => {}
  const outcome = new Promise<T>((resolve) => {
    settle = resolve
  })
  return { outcome, settle }
}
