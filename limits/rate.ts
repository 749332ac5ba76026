/**
 * Rate of each key: at most so many a second, and those of a second at once. Its memory is bounded, whatever the number of keys: the one that
 * was seen longest ago is forgotten, and begins anew.
 */
export class Rate {
  readonly #intervalMs: number
  readonly #burstMs: number
  readonly #maxKeys: number
  readonly #now: () => number
  /** Moment at which a key will have been idle for long enough to have its whole second again; the key seen longest ago comes first. */
  readonly #freeAt = new Map<string, number>()

  /**
   * @param now clock in milliseconds @default performance.now
   */
  constructor(perSecond: number, maxKeys: number, now = () => performance.now()) {
    this.#intervalMs = 1_000 / perSecond
    this.#burstMs = Math.max(1_000, this.#intervalMs)
    this.#maxKeys = maxKeys
    this.#now = now
  }

  get keys(): number {
    return this.#freeAt.size
  }

  /** Counts one. @returns false if it is one too many, which costs the key nothing */
  take(key: string): boolean {
    const now = this.#now()
    const freeAt = Math.max(this.#freeAt.get(key) ?? 0, now) + this.#intervalMs
    const isTaken = freeAt - now <= this.#burstMs + 1e-6
    this.#freeAt.delete(key)
    this.#freeAt.set(key, isTaken ? freeAt : freeAt - this.#intervalMs)
    if (this.#freeAt.size > this.#maxKeys) this.#forgetOldest()
    return isTaken
  }

  #forgetOldest(): void {
    const [oldest] = this.#freeAt.keys()
    if (oldest !== undefined) this.#freeAt.delete(oldest)
  }
}
