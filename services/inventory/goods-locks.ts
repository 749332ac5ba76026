import { setTimeout as sleep } from 'node:timers/promises'

const TRY_EVERY_MS = 20

export interface LockTimes {
  /** Time for which a caller tries to get one lock, in milliseconds. */
  patienceMs: number
  /** Time between two attempts at a lock, in milliseconds. @default 20 */
  tryEveryMs?: number
  /** Time after which a lock that nobody gave back is free again, in milliseconds. */
  expiryMs: number
}

/** Locks as the original inventory has them in Redis: one lock for each goods, without an owner's order, free again when it expires. */
export class GoodsLocks {
  readonly #times: LockTimes
  readonly #expiries = new Map<number, number>()

  constructor(times: LockTimes) {
    this.#times = times
  }

  /** One goods after the other, as named: whoever names one twice waits for himself. @returns whether all were had */
  async lock(goodsIds: readonly number[]): Promise<boolean> {
    for (const [i, goodsId] of goodsIds.entries()) {
      if (await this.#lockOne(goodsId)) continue
      // What was named twice is not given back: the lock is the first naming's, which nobody remembers.
      this.unlock(goodsIds.slice(0, i).filter((held) => held !== goodsId))
      return false
    }
    return true
  }

  unlock(goodsIds: readonly number[]): void {
    for (const goodsId of goodsIds) this.#expiries.delete(goodsId)
  }

  async #lockOne(goodsId: number): Promise<boolean> {
    const { patienceMs, tryEveryMs = TRY_EVERY_MS } = this.#times
    for (const deadline = performance.now() + patienceMs; ; await sleep(tryEveryMs)) {
      const now = performance.now()
      if ((this.#expiries.get(goodsId) ?? 0) <= now) {
        this.#expiries.set(goodsId, now + this.#times.expiryMs)
        return true
      }
      if (now >= deadline) return false
    }
  }
}
