import { MAX_BATCH_ORDERS } from '../contracts/create-orders.ts'

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
}

function remember(recent: number[], value: number): void {
  recent.push(value)
  if (recent.length > REMEMBERED) recent.shift()
}

function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}
