import { MAX_BATCH_LINES, MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'
import type { LaneOrder } from './lane-order.ts'

/** Orders that leave together. */
export interface LaneBatch {
  readonly orders: readonly LaneOrder[]
  /** True if others had no place in it. */
  readonly isFull: boolean
  /** True once each of its callers is answered, has gone, or waits for its second round. */
  isServed: boolean
}

/** Number of batches that may go on after all of their callers were served, beside those that are waited for. */
const MAX_SERVED = 3

/** The orders that wait for the lane and those under way: decides which of them leave together, and when. Has no I/O, and no clock. */
export class LaneQueue {
  readonly #maxInFlight: number
  #queued: LaneOrder[] = []
  readonly #underWay = new Set<LaneBatch>()
  /** Orders of every batch under way, by number. */
  readonly #leaving = new Map<string, LaneOrder>()

  /** @param maxInFlight number of batches whose callers wait, at the same time */
  constructor(maxInFlight: number) {
    this.#maxInFlight = maxInFlight
  }

  /** Number of orders that wait to leave. */
  get length(): number {
    return this.#queued.length
  }

  add(order: LaneOrder): void {
    this.#queued.push(order)
  }

  /** Takes an order out. @returns false if it has left already */
  remove(order: LaneOrder): boolean {
    if (!this.#queued.includes(order)) return false
    this.#queued = this.#queued.filter((one) => one !== order)
    return true
  }

  /** Returns the order of this number that left with this batch, if it is under way. */
  leftWith(workflowId: string, orderSn: string): LaneOrder | undefined {
    const order = this.#leaving.get(orderSn)
    // A batch that was terminated may confirm late, when another body of the same key is under way already.
    return order?.workflowId === workflowId ? order : undefined
  }

  /** Lets the next batch leave, if there is room for one and an order that may leave. */
  nextBatch(): LaneBatch | undefined {
    if (!this.#hasRoom()) return undefined
    const batch = this.#takeBatch()
    if (batch.orders.length === 0) return undefined // all of them wait for an order of their own key
    this.#underWay.add(batch)
    for (const order of batch.orders) this.#leaving.set(order.orderSn, order)
    return batch
  }

  /** Frees the slot of a batch that is served no more. */
  free(batch: LaneBatch): void {
    this.#underWay.delete(batch)
    for (const order of batch.orders) if (this.#leaving.get(order.orderSn) === order) this.#leaving.delete(order.orderSn)
  }

  /**
   * A batch occupies its slot until its run ends, or until its last callers have gone without an answer. Once all its callers are served,
   * the slot is free as soon as at least as many orders are queued as the batch contained. Freeing it earlier would shrink batches: callers
   * that order again at once would each leave alone.
   */
  #hasRoom(): boolean {
    const placed = [...this.#underWay].filter(({ orders, isServed }) => !isServed || orders.length > this.#queued.length)
    return placed.length < this.#maxInFlight && this.#underWay.size < this.#maxInFlight + MAX_SERVED
  }

  /**
   * Takes orders in the order of arrival: at most one of a user, because a second would be refused as OrderInProgress, and of a number one
   * under way, because a confirmation is looked up by it.
   */
  #takeBatch(): LaneBatch {
    const orders: LaneOrder[] = []
    const left: LaneOrder[] = []
    const users = new Set<number>()
    let lines = 0
    let isFull = false
    for (const order of this.#queued) {
      const { userId, lines: asked = [] } = order.request
      const isFree = !users.has(userId) && !this.#leaving.has(order.orderSn)
      const fits = isFree && orders.length < MAX_BATCH_ORDERS && lines + asked.length <= MAX_BATCH_LINES
      // An order that waits keeps its place before its user's later orders: they stay behind it.
      users.add(userId)
      if (fits) lines += asked.length
      else if (isFree) isFull = true
      ;(fits ? orders : left).push(order)
    }
    this.#queued = left
    return { orders, isFull, isServed: false }
  }
}
