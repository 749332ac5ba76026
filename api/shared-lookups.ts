import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Look-ups that cost a party more than they cost whoever asks: at most so many a second, and equal ones are one. A place stays taken
 * for HOLD_MS, however quick the answer was, and until then its answer is that of everybody who asks the same.
 */
export class SharedLookups<T> {
  readonly #look: (key: string) => Promise<T>
  readonly #places: number
  readonly #holdMs: number
  readonly #taken = new Map<string, Promise<T>>()

  /**
   * @param places look-ups at the same time
   * @param holdMs for which each of them takes its place at least @default 200
   */
  constructor(look: (key: string) => Promise<T>, places: number, holdMs = 200) {
    this.#look = look
    this.#places = places
    this.#holdMs = holdMs
  }

  /** @returns `undefined` if all places are taken */
  find(key: string): Promise<T> | undefined {
    const taken = this.#taken.get(key)
    if (taken || this.#taken.size >= this.#places) return taken
    const answer = this.#look(key)
    this.#taken.set(key, answer)
    void Promise.allSettled([answer, sleep(this.#holdMs, undefined, { ref: false })]).then(() => this.#taken.delete(key))
    return answer
  }
}
