import { workedMs } from './process-identity.ts'

/**
 * Time for which a process may make no progress before nothing more is expected of it, in milliseconds: a machine may be slow,
 * and busy.
 */
export const STILL_MS = 60_000

/** The share of a processor that is progress: a start takes far more, on a busy machine too; who waits and asks again, far less. */
const PROGRESS_SHARE = 1 / 30

/** A measure that grows while a process gets on: the time for which it worked, its log. `undefined` if it can't be read. */
interface Progress {
  of(): number | undefined | Promise<number | undefined>
  /** Growth that counts as progress within one span of patience. */
  step: number
}

/** Lasts as long as there is progress, however long that is. */
export class Patience {
  readonly #progress: Progress
  readonly #stillMs: number
  #since = performance.now()
  #seen = 0

  /** @param stillMs how long there may be none, in milliseconds */
  constructor(progress: Progress, stillMs = STILL_MS) {
    this.#progress = progress
    this.#stillMs = stillMs
  }

  /** Lasts as long as a process works: one that hardly does for that long is given up. */
  static withProcess(pid: number | undefined, stillMs = STILL_MS): Patience {
    return new Patience({ of: () => workedMs(pid), step: stillMs * PROGRESS_SHARE }, stillMs)
  }

  /** Reports whether there was no progress for that long. */
  async isOver(): Promise<boolean> {
    if (performance.now() - this.#since < this.#stillMs) return false
    const reached = (await this.#progress.of()) ?? this.#seen
    if (reached - this.#seen < this.#progress.step) return true
    this.#seen = reached
    this.#since = performance.now()
    return false
  }
}
