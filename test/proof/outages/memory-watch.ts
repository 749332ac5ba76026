const LOOK_EVERY_MS = 1_000

/** Resident memory of one process, in MB of 2^20 bytes: at the first look, at most, and at the last one. */
export interface Memory {
  before: number
  peak: number
  after: number
}

/** Reads the resident memory of a process from its metrics, as Prometheus would. */
export class MemoryWatch {
  readonly #url: string
  readonly #timer: NodeJS.Timeout
  #seen: number[] = []

  /** @param url base URL of a worker or starter */
  constructor(url: string) {
    this.#url = url
    this.#timer = setInterval(() => void this.#look().catch(() => {}), LOOK_EVERY_MS)
  }

  async stop(): Promise<Memory> {
    clearInterval(this.#timer)
    await this.#look()
    const [before = Number.NaN] = this.#seen
    return { before, peak: Math.max(...this.#seen), after: this.#seen.at(-1) ?? Number.NaN }
  }

  async #look(): Promise<void> {
    const text = await (await fetch(`${this.#url}/metrics`)).text()
    const [, bytes] = /^process_resident_memory_bytes (\S+)$/m.exec(text) ?? []
    if (bytes) this.#seen.push(Math.round(Number(bytes) / 2 ** 20))
  }
}
