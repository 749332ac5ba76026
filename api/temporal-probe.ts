import { setTimeout as sleep } from 'node:timers/promises'

const PERIOD_MS = 1_000
/** Also what a server gets to answer. */
const DEADLINE_MS = 1_000
/** One miss may be a stalled event loop of our own. */
const MISSES_TO_DOWN = 2

/** Asks Temporal every second whether it is there, so that a request need not find out by waiting for it. */
export class TemporalProbe {
  readonly #ask: (deadline: number) => Promise<unknown>
  readonly #periodMs: number
  readonly #stopped = new AbortController()
  #misses = MISSES_TO_DOWN

  /**
   * @param ask rejects where Temporal does not answer until the deadline (ms since the epoch)
   * @param periodMs @default 1000
   */
  constructor(ask: (deadline: number) => Promise<unknown>, periodMs = PERIOD_MS) {
    this.#ask = ask
    this.#periodMs = periodMs
  }

  /** False until the first answer. */
  get isUp(): boolean {
    return this.#misses < MISSES_TO_DOWN
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
    const late = sleep(DEADLINE_MS, false, { ref: false })
    const asked = this.#ask(Date.now() + DEADLINE_MS).then(
      () => true,
      () => false,
    )
    this.#misses = (await Promise.race([asked, late])) ? 0 : this.#misses + 1
  }
}
