/** Age at which an order counts no more, in milliseconds: its start took no effect, or an operator ended its run. */
const FORGOTTEN_AFTER_MS = 600_000
/** Number of orders that are asked about at once, the oldest first. */
const ASKED_AT_ONCE = 1_000

/**
 * The orders of this starter whose run was started, or may have been, and of which no row has been seen. The store can't count
 * them: while no worker runs, or PostgreSQL takes no writes, they pile up unseen.
 */
export class RowlessOrders {
  /** Time at which each order was requested, by number; the oldest first. */
  readonly #since = new Map<string, number>()
  readonly #now: () => number

  /** @param now milliseconds of a clock that never steps back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  add(orderSn: string): void {
    if (!this.#since.has(orderSn)) this.#since.set(orderSn, this.#now())
  }

  /** The order has a row, or certainly never will. */
  remove(orderSn: string): void {
    this.#since.delete(orderSn)
  }

  #olderThan(ms: number): string[] {
    const now = this.#now()
    const old: string[] = []
    for (const [orderSn, since] of this.#since) {
      if (now - since > FORGOTTEN_AFTER_MS) this.#since.delete(orderSn)
      else if (now - since > ms) old.push(orderSn)
      else break
    }
    return old
  }

  /**
   * Removes those that have a row by now.
   * @param recorded finds those of some numbers that have one
   * @returns how many have none that are older than that
   */
  async count(olderThanMs: number, recorded: (orderSns: string[]) => Promise<string[]>): Promise<number> {
    const old = this.#olderThan(olderThanMs)
    if (old.length === 0) return 0
    const found = await recorded(old.slice(0, ASKED_AT_ONCE))
    for (const orderSn of found) this.remove(orderSn)
    return old.length - found.length
  }
}
