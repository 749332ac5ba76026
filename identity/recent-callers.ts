import type { Caller } from '../contracts/caller.ts'

/** Longest time for which a caller is known without another look at their token, in milliseconds: a key that was withdrawn counts no longer. */
const KNOWN_MS = 60_000
/** Callers known at the same time; one more, and the one that was verified first is forgotten. */
const MAX_KNOWN = 10_000

interface Known {
  caller: Caller
  /** Moment of the clock from which on they are unknown. */
  until: number
}

/** Callers whose token was verified a moment ago, by its hash: a check takes some hundred times as long as this look. */
export class RecentCallers {
  readonly #known = new Map<string, Known>()
  readonly #max: number
  readonly #now: () => number

  /** @param now clock in milliseconds @default performance.now */
  constructor(max = MAX_KNOWN, now = () => performance.now()) {
    this.#max = max
    this.#now = now
  }

  get(hash: string): Caller | undefined {
    const known = this.#known.get(hash)
    if (!known) return undefined
    if (this.#now() < known.until) return known.caller
    this.#known.delete(hash)
    return undefined
  }

  /** @param exp end of the token, in seconds since the epoch */
  set(hash: string, caller: Caller, exp: number): void {
    const leftMs = Math.min(exp * 1_000 - Date.now(), KNOWN_MS)
    if (leftMs <= 0) return
    const [first] = this.#known.keys()
    if (this.#known.size >= this.#max && first !== undefined) this.#known.delete(first)
    this.#known.set(hash, { caller, until: this.#now() + leftMs })
  }
}
