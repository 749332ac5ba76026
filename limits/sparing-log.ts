/** Time for which lines of a kind are left out after one that was written, in milliseconds. */
const QUIET_MS = 1_000
/** Kinds that are remembered; a kind is a route and a failure, so that there are fewer. */
const MAX_KINDS = 1_000

/** The levels at which failures are logged. */
export interface FailureLog {
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** The log of answers that failed: one line a second of each kind, whatever number of callers meet the same trouble. */
export class SparingLog {
  readonly #now: () => number
  readonly #kinds = new Map<string, { at: number; leftOut: number }>()

  /** @param now clock in milliseconds @default performance.now */
  constructor(now = () => performance.now()) {
    this.#now = now
  }

  /** Writes a line, unless one of its kind was written within the second; the next one says in `leftOut` how many were not. */
  write(log: FailureLog, level: keyof FailureLog, kind: string, fields: object, message: string): void {
    const now = this.#now()
    const last = this.#kinds.get(kind)
    if (last && now - last.at < QUIET_MS) {
      last.leftOut++
      return
    }
    this.#kinds.delete(kind)
    this.#kinds.set(kind, { at: now, leftOut: 0 })
    const [oldest] = this.#kinds.keys()
    if (this.#kinds.size > MAX_KINDS && oldest !== undefined) this.#kinds.delete(oldest)
    log[level]({ ...fields, ...(last && last.leftOut > 0 && { leftOut: last.leftOut }) }, message)
  }
}
