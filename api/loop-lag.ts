/** Interval at which the event loop is asked, in milliseconds. */
const EVERY_MS = 20
/** Time after which a delay is forgotten, in milliseconds: a round of the loop takes as long under load. */
const REMEMBERED_MS = 500

/** Watches how late the event loop of this process comes to what is due: so long does whatever arrives wait before anything is done about it. */
export class LoopLag {
  #due = performance.now() + EVERY_MS
  #worst = { ms: 0, at: 0 }

  constructor() {
    setInterval(() => this.#look(), EVERY_MS).unref()
  }

  /** Milliseconds of the longest delay of late. */
  get ms(): number {
    return this.#worst.ms
  }

  #look(): void {
    const now = performance.now()
    const ms = Math.max(0, now - this.#due)
    if (ms >= this.#worst.ms || now - this.#worst.at > REMEMBERED_MS) this.#worst = { ms, at: now }
    this.#due = now + EVERY_MS
  }
}
