import { MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'

/**
 * Milliseconds that an order waits at most behind others, once more of them come than the lane can do. The oldest are answered within twice that
 * (p99 below 2 s at four times the capacity), and whoever is sent away knows it at once.
 */
export const STANDING_WAIT_MS = 1_000

/** Milliseconds for which a longer queue counts as a burst, which the lane works off. */
export const BURST_MS = 1_000

/** Batches by which the next ones are judged. */
const REMEMBERED = 5

interface Left {
  orders: number
  /** True if others had no place in the batch: it held as many orders, by their lines, as a batch holds at present. */
  isFull: boolean
}

/** Estimates how long orders wait for the lane, from the time that its batches took and the orders that they held lately. */
export class LaneWait {
  readonly #recentMs: number[] = []
  readonly #recentFull: number[] = []
  /** Moment at which the queue became longer than STANDING_WAIT_MS, for the first time since orders last left with the next batch. */
  #longSince: number | undefined

  /** @param ms from when a batch left until it made room, or its callers had their answers */
  took(ms: number, { orders, isFull }: Left): void {
    remember(this.#recentMs, ms)
    if (isFull) remember(this.#recentFull, orders)
  }

  /**
   * Milliseconds until a request that joins the queue has its answer: the batch under way, the full ones before its own, and its own. Nothing
   * for one that leaves with the next batch: however long batches take, they shall leave full.
   */
  expectedMs(queued: number): number {
    const before = Math.floor(queued / (meanOf(this.#recentFull) ?? MAX_BATCH_ORDERS))
    return before === 0 ? 0 : (meanOf(this.#recentMs) ?? 0) * (before + 2)
  }

  /**
   * Returns whether a request that joins the queue now would meet one that stands: it was too long more than BURST_MS ago and has not been
   * worked off since. Then more orders come than the lane can do, and a longer queue makes each of them late and none of them more.
   * @param now a time of `performance.now()`
   * @param lagMs milliseconds that it has waited already, since its process was late
   */
  isStanding(queued: number, now: number, lagMs = 0): boolean {
    const expected = this.expectedMs(queued)
    const isLong = expected + lagMs > STANDING_WAIT_MS
    if (expected === 0) this.#longSince = undefined
    else if (isLong) this.#longSince ??= now
    return isLong && this.#longSince !== undefined && now - this.#longSince > BURST_MS
  }
}

function remember(recent: number[], value: number): void {
  recent.push(value)
  if (recent.length > REMEMBERED) recent.shift()
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}
