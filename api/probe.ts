import { setTimeout as sleep } from 'node:timers/promises'

const PERIOD_MS = 1_000
/** Time that the party gets to answer, and the server-side statement as well, in milliseconds. */
const DEADLINE_MS = 1_000
/** One miss may be a stalled event loop of our own. */
const MISSES_TO_DOWN = 2

/** Asks a party every second whether it is there, so that a request need not find out by waiting for it. */
export class Probe<Answer = unknown> {
  readonly #ask: (deadline: number) => Promise<Answer>
  readonly #periodMs: number
  readonly #onChange: ((isUp: boolean, why: unknown) => void) | undefined
  readonly #stopped = new AbortController()
  #misses = MISSES_TO_DOWN
  #latest: Answer | undefined
  /** The verdict that onChange heard last. */
  #told: boolean | undefined

  /**
   * @param ask rejects if the party does not answer until the deadline (ms since the epoch)
   * @param options.periodMs @default 1000
   * @param options.onChange hears the first verdict, and each change of it; `why` is what the last question was rejected with, if it was
   */
  constructor(
    ask: (deadline: number) => Promise<Answer>,
    { periodMs = PERIOD_MS, onChange }: { periodMs?: number; onChange?: (isUp: boolean, why: unknown) => void } = {},
  ) {
    this.#ask = ask
    this.#periodMs = periodMs
    this.#onChange = onChange
  }

  /** False until the first answer. */
  get isUp(): boolean {
    return this.#misses < MISSES_TO_DOWN
  }

  /** The last answer, however long ago it came. */
  get latest(): Answer | undefined {
    return this.#latest
  }

  /** Comes back with the first verdict, and goes on asking until stop. */
  async start(): Promise<void> {
    await this.#once()
    void this.#keepAsking()
  }

  stop(): void {
    this.#stopped.abort()
  }

  async #keepAsking(): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      await sleep(this.#periodMs, undefined, { signal, ref: false }).catch(() => undefined)
      if (!signal.aborted) await this.#once()
    }
  }

  async #once(): Promise<void> {
    const late = sleep(DEADLINE_MS, undefined, { ref: false })
    const asked = this.#ask(Date.now() + DEADLINE_MS).then(
      (latest) => ({ kind: 'answered' as const, latest }),
      (why: unknown) => ({ kind: 'failed' as const, why }),
    )
    const answer = await Promise.race([asked, late])
    const answered = answer?.kind === 'answered'
    this.#misses = answered ? 0 : this.#misses + 1
    if (answered) this.#latest = answer.latest
    if (this.isUp === this.#told) return
    this.#told = this.isUp
    this.#onChange?.(this.isUp, answered ? undefined : answer?.why)
  }
}
