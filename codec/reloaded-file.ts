import { statSync } from 'node:fs'

/** Time between two looks whether the file has changed, in milliseconds. */
const LOOK_EVERY_MS = 1_000

/** Content of a file that is read again as soon as it changes. A changed file that is wrong is reported, and the content of before stays. */
export class ReloadedFile<T> {
  readonly #path: string
  readonly #read: (path: string) => T
  readonly #onProblem: (problem: string) => void
  #content: T
  #stamp: string
  #lookedAt = performance.now()

  /** @throws whatever `read` throws */
  constructor(path: string, read: (path: string) => T, onProblem: (problem: string) => void) {
    this.#path = path
    this.#read = read
    this.#onProblem = onProblem
    this.#stamp = stampOf(path)
    this.#content = read(path)
  }

  /** The content as it was a second ago, or as it is now. */
  get recent(): T {
    return performance.now() - this.#lookedAt < LOOK_EVERY_MS ? this.#content : this.latest
  }

  get latest(): T {
    this.#lookedAt = performance.now()
    const stamp = stampOf(this.#path)
    if (stamp !== this.#stamp) {
      this.#stamp = stamp
      try {
        this.#content = this.#read(this.#path)
      } catch (error) {
        this.#onProblem((error as Error).message)
      }
    }
    return this.#content
  }
}

/** Returns a text that differs after each change, also if another file was put in the place of the first one, as Kubernetes does; '' if there is no file. */
function stampOf(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat ? [stat.ino, stat.mtimeMs, stat.ctimeMs, stat.size].join() : ''
}
