const WIDTH = 30
const EVERY_MS = 200
const EVERY_MS_IN_A_LOG = 5_000

/** Shows how far a long work is, on stderr: a bar on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #what: string
  readonly #total: number
  readonly #out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'>
  readonly #began = performance.now()
  #shown = Number.NEGATIVE_INFINITY

  /** @param what the things that are counted @param total number of them */
  constructor(what: string, total: number, out: Pick<NodeJS.WriteStream, 'write' | 'isTTY'> = process.stderr) {
    this.#what = what
    this.#total = total
    this.#out = out
  }

  /** @param done number of things that are done */
  show(done: number): void {
    const now = performance.now()
    if (now - this.#shown < (this.#out.isTTY ? EVERY_MS : EVERY_MS_IN_A_LOG)) return
    this.#shown = now
    this.#write(done, now)
  }

  end(done: number): void {
    this.#write(done, performance.now())
    if (this.#out.isTTY) this.#out.write('\n')
  }

  #write(done: number, now: number): void {
    const share = this.#total > 0 ? Math.min(done / this.#total, 1) : 1
    const seconds = (now - this.#began) / 1_000
    const rate = seconds > 0 ? Math.round(done / seconds) : 0
    const left = share > 0 && share < 1 ? `, ${Math.ceil((seconds / share) * (1 - share))} s left` : ''
    const figures = `${done.toLocaleString('en-US')} of ${this.#total.toLocaleString('en-US')} ${this.#what}, ${rate.toLocaleString('en-US')}/s${left}`
    if (!this.#out.isTTY) this.#out.write(`${Math.floor(share * 100)} %: ${figures}\n`)
    else {
      const filled = Math.round(share * WIDTH)
      this.#out.write(`\r[${'='.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${figures}\x1b[K`)
    }
  }
}
