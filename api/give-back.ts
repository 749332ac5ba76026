import { setTimeout as sleep } from 'node:timers/promises'
import { MAX_CLOSED_TOGETHER } from '../contracts/limits.ts'
import type { OrderSn } from '../contracts/order.ts'
import { GIVE_BACK_EVERY_MS } from '../contracts/time-budget.ts'

interface Options {
  /** Starts a run that gives back what these orders hold. */
  start(orderSns: OrderSn[]): Promise<void>
  /** Receives a start that failed: what its orders hold, closeDueOrders gives back. */
  onFailure(error: unknown, orders: number): void
  /** @default 250 */
  everyMs?: number
}

/**
 * Has given back what cancelled orders hold: one run for all that were cancelled at about the same time. One start is in flight at a time; what
 * comes meanwhile shares the next one. Nothing is kept for a start that failed: the rows say what is owed.
 */
export class GiveBack {
  readonly #waiting = new Set<OrderSn>()
  readonly #options: Options
  #starting: Promise<void> | undefined
  #isDraining = new AbortController()

  constructor(options: Options) {
    this.#options = options
  }

  add(orderSn: OrderSn): void {
    this.#waiting.add(orderSn)
    this.#starting ??= this.#startAll().finally(() => {
      this.#starting = undefined
    })
  }

  /** Starts at once what waits. Comes back when nothing does. */
  async drain(): Promise<void> {
    this.#isDraining.abort()
    await this.#starting
  }

  async #startAll(): Promise<void> {
    const { start, onFailure, everyMs = GIVE_BACK_EVERY_MS } = this.#options
    while (this.#waiting.size > 0) {
      const orderSns = [...this.#waiting].slice(0, MAX_CLOSED_TOGETHER)
      for (const orderSn of orderSns) this.#waiting.delete(orderSn)
      await start(orderSns).catch((error: unknown) => onFailure(error, orderSns.length))
      await sleep(everyMs, undefined, { signal: this.#isDraining.signal }).catch(() => {}) // draining: nobody waits for others
    }
  }
}
