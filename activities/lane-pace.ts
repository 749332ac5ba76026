import { LANE_CALL_CEILING_MS, LANE_CALL_FLOOR_MS } from '../contracts/time-budget.ts'

/** Attempts that are remembered: those of one large batch. */
const REMEMBERED = 100
/** The share of them that must fit with ease. One straggler among many is no reason to wait longer for all. */
const QUANTILE = 0.9
/**
 * Multiple of the usual time that an attempt may take. It is above 1, so that the limit rises if attempts are cut off by it: each
 * of those counts as long as it was waited for.
 */
const LEEWAY = 3

/** Time that a call of the lane may take. */
export interface Pace {
  readonly limitMs: number
  /** @param ms how long a call took that was answered, or how long one was waited for in vain */
  took(ms: number): void
}

/**
 * The lane's patience with one service follows what its calls really take. An order whose call comes too late is handed over to a run of
 * its own, which costs 25 to 50 times as much: on a slow machine a constant would hand over every order and make the machine
 * slower still.
 */
export class LanePace implements Pace {
  readonly #floorMs: number
  readonly #ceilingMs: number
  readonly #recent: number[]
  #next = 0
  /** Absent until it is asked for again: a batch notes a hundred attempts, and asks once. */
  #limitMs: number | undefined

  constructor({ floorMs = LANE_CALL_FLOOR_MS, ceilingMs = LANE_CALL_CEILING_MS } = {}) {
    this.#floorMs = floorMs
    this.#ceilingMs = ceilingMs
    // Little is known yet of this machine: its first calls are its slowest, and a call that is alone says nothing of a hundred at once.
    this.#recent = new Array<number>(REMEMBERED).fill(ceilingMs)
  }

  get limitMs(): number {
    this.#limitMs ??= Math.min(this.#ceilingMs, Math.max(this.#floorMs, this.#usualMs() * LEEWAY))
    return this.#limitMs
  }

  took(ms: number): void {
    this.#recent[this.#next] = ms
    this.#next = (this.#next + 1) % REMEMBERED
    this.#limitMs = undefined
  }

  #usualMs(): number {
    const sorted = this.#recent.toSorted((a, b) => a - b)
    return sorted[Math.floor((sorted.length - 1) * QUANTILE)] ?? 0
  }
}
