import { MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'

/** Batches by which the next ones are judged. */
const REMEMBERED = 5

/** How long orders wait for the lane, judged by what its batches took lately. */
export class LaneWait {
  readonly #recentMs: number[] = []

  /** @param ms from when a batch left until it made room, or its callers had their answers */
  took(ms: number): void {
    this.#recentMs.push(ms)
    if (this.#recentMs.length > REMEMBERED) this.#recentMs.shift()
  }

  /**
   * Milliseconds until a request that joins the queue has its answer: the batch under way, the full ones before its own, and its own. Nothing
   * for one that leaves with the next batch: however long batches take, they shall leave full.
   */
  expectedMs(queued: number): number {
    const before = Math.floor(queued / MAX_BATCH_ORDERS)
    if (before === 0 || this.#recentMs.length === 0) return 0
    const mean = this.#recentMs.reduce((sum, ms) => sum + ms, 0) / this.#recentMs.length
    return mean * (before + 2)
  }
}
