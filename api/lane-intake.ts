import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { trace } from '@opentelemetry/api'
import { failureOf } from '../contracts/application-failure.ts'
import type { CreateOrderResult, OrderRequest } from '../contracts/create-order.ts'
import { type Failure, failure } from '../contracts/failures.ts'
import { fingerprintOf } from '../contracts/order-sn.ts'
import { START_DEADLINE_MS } from '../contracts/time-budget.ts'
import { openAt } from '../temporal/order-runs.ts'
import type { BatchStarter } from './batch-starter.ts'
import type { ShedReason } from './lane-metrics.ts'
import { LaneOrder, type LaneOutcome } from './lane-order.ts'
import { type LaneBatch, LaneQueue } from './lane-queue.ts'
import { LaneWait } from './lane-wait.ts'

/** Delay of the event loop above which orders are refused unread, in milliseconds. It is a tenth of what an answer may take, and more than a batch keeps the process. */
export const BUSY_LAG_MS = 100

interface Options {
  /** Number of batches that are under way at the same time; a request that finds fewer leaves at once. */
  maxInFlight: number
  /** Number of orders that may wait to leave; one more is refused. */
  maxQueue: number
  /** Milliseconds that a caller waits for its order: one that would probably wait longer is refused at once. @default as long as it takes */
  waitMs?: number
  /** Delay of this process's event loop, in milliseconds. @default none */
  lagMs?: () => number
  /** Called for each order that is refused since others wait. */
  onShed?: (reason: ShedReason) => void
}

/**
 * The express lane's intake. It never delays: a request leaves at once while few batches are under way; those that arrive
 * meanwhile leave together, in the order of their arrival.
 */
export class LaneIntake {
  readonly #starter: () => Pick<BatchStarter, 'run'>
  readonly #options: Options
  readonly #queue: LaneQueue
  /** Orders queued or under way, by number and fingerprint: equal requests share one place. */
  readonly #orders = new Map<string, LaneOrder>()
  readonly #wait = new LaneWait()

  /** @param starter asked for each batch: which connection starts it may change while the lane is open */
  constructor(starter: () => Pick<BatchStarter, 'run'>, options: Options) {
    this.#starter = starter
    this.#options = options
    this.#queue = new LaneQueue(options.maxInFlight)
  }

  /** Number of orders that wait to leave. */
  get queued(): number {
    return this.#queue.length
  }

  /**
   * Takes an order along.
   * @param signal the end of the caller's wait: it is let go as soon as Temporal holds its order, or may hold it
   * @returns what became of it; `open` if its fate is not known
   * @throws ApplicationFailure ServiceUnavailable: the queue is full, or longer than its caller waits; or certainly nothing was started
   */
  async take(request: OrderRequest, orderSn: string, signal: AbortSignal): Promise<LaneOutcome> {
    const fingerprint = fingerprintOf(request)
    const key = `${orderSn} ${fingerprint}`
    const spans = [trace.getActiveSpan() ?? []].flat()
    const equal = this.#orders.get(key)
    if (equal) {
      equal.addCaller(spans)
      return await Promise.race([equal.outcome, this.#letGo(equal, signal)])
    }
    const shed = this.#shedReason()
    if (shed) throw this.#tooMany(shed)
    const order = new LaneOrder(request, orderSn, fingerprint)
    order.addCaller(spans)
    this.#orders.set(key, order)
    const end = order.outcome.finally(() => this.#orders.delete(key))
    this.#queue.add(order)
    this.#dispatch()
    return await Promise.race([end, this.#letGo(order, signal)])
  }

  /**
   * Refuses an order before anything of it is read, while more of them come than the lane can do and this process is late already: to read each one, and to
   * look whether it is known, would make the process later still, and every answer with it.
   * @throws ApplicationFailure ServiceUnavailable
   */
  refuseIfBusy(): void {
    if (this.#lagMs > BUSY_LAG_MS && this.#isStanding()) throw this.#tooMany('busy')
  }

  #shedReason(): ShedReason | undefined {
    const { maxQueue, waitMs = Number.POSITIVE_INFINITY } = this.#options
    if (this.#queue.length >= maxQueue) return 'queue_full'
    if (this.#wait.expectedMs(this.#queue.length) > waitMs) return 'long_wait'
    return this.#isStanding() ? 'overload' : undefined
  }

  get #lagMs(): number {
    return this.#options.lagMs?.() ?? 0
  }

  #isStanding(): boolean {
    return this.#wait.isStanding(this.#queue.length, performance.now(), this.#lagMs)
  }

  #tooMany(reason: ShedReason): Error {
    this.#options.onShed?.(reason)
    return failureOf(
      failure('ServiceUnavailable', 'too many orders are waiting; this request started nothing', { service: 'order-saga' }),
    )
  }

  /** No caller is answered that an order is under way while it stands in our memory alone: it would be lost with this process. */
  async #letGo(order: LaneOrder, signal: AbortSignal): Promise<LaneOutcome> {
    await openAt(signal)
    await Promise.race([order.started, sleep(START_DEADLINE_MS, undefined, { ref: false })])
    if (!this.#queue.remove(order)) {
      order.removeCaller()
      return order.open
    }
    order.fail(this.#tooMany('wait_over'))
    return await order.outcome
  }

  /** Answers a caller as soon as its order is confirmed in PostgreSQL, if worker and intake share a process. */
  confirmed(result: CreateOrderResult, workflowId: string): void {
    this.#queue.leftWith(workflowId, result.orderSn)?.end({ kind: 'created', result })
  }

  /** Answers a caller as soon as its order is closed and owes nothing, if worker and intake share a process. */
  refused({ orderSn, refusal }: { orderSn: string; refusal: Failure }, workflowId: string): void {
    this.#queue.leftWith(workflowId, orderSn)?.end({ kind: 'refused', refused: refusal })
  }

  /**
   * Lets others leave before a batch has come again to these orders, about which it has no answer yet: while a service is away the
   * lane keeps its pace. Known if worker and intake share a process.
   */
  unanswered(orderSns: readonly string[], workflowId: string): void {
    for (const orderSn of orderSns) this.#queue.leftWith(workflowId, orderSn)?.postpone()
  }

  #dispatch(): void {
    for (let batch = this.#queue.nextBatch(); batch; batch = this.#queue.nextBatch()) this.#send(batch)
  }

  #send(batch: LaneBatch): void {
    const { orders, isFull } = batch
    const left = performance.now()
    const workflowId = `create-orders/${randomUUID()}`
    for (const order of orders) order.workflowId = workflowId
    const free = () => {
      this.#queue.free(batch)
      this.#dispatch()
    }
    void Promise.all(orders.map((order) => order.served())).then(() => {
      batch.isServed = true
      this.#wait.took(performance.now() - left, { orders: orders.length, isFull })
      this.#dispatch()
    })
    // A run that may never end closes the lane for nobody.
    void Promise.all(orders.map((order) => order.leftUndecided())).then((gone) => gone.includes(true) && free())
    void this.#starter().run(workflowId, orders).finally(free)
  }
}
