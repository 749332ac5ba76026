/** Counts the calls that are being served, so that there are never too many, and a stop can wait for the last one. */
export class CallsInFlight {
  readonly #max: number
  #count = 0
  #idle: (() => void)[] = []

  /** @param max calls at the same time @default any number */
  constructor(max = Number.POSITIVE_INFINITY) {
    this.#max = max
  }

  get count(): number {
    return this.#count
  }

  /** Begins a call. @returns `false` if there are as many as may be; otherwise the call has to `leave` */
  enter(): boolean {
    if (this.#count >= this.#max) return false
    this.#count++
    return true
  }

  leave(): void {
    if (--this.#count > 0) return
    for (const idle of this.#idle.splice(0)) idle()
  }

  /** Comes back when no call is being served. */
  async idle(): Promise<void> {
    if (this.#count === 0) return
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve)
    })
  }
}
