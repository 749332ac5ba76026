import { setTimeout as sleep } from 'node:timers/promises'
import type { LaunchRecord } from './launch-record.ts'
import type { Part, RunningPart } from './part.ts'

/** Pauses before a part that died is started again, in milliseconds; the last one repeats. */
const BACKOFF = [200, 500, 1_000, 2_000, 5_000, 10_000] as const
/** Time between two reports that a part is still awaited on a slow machine, in milliseconds. */
const SAY_EVERY = 30_000
/** A part that was up for so long died of something new: its pauses begin anew. Milliseconds. */
const STEADY_AFTER = 30_000

/** A part that is started again whenever it dies, until it is stopped. */
export class SupervisedPart {
  readonly #part: Part
  readonly #record: LaunchRecord
  readonly #log: (line: string) => void
  #pid: number | undefined
  #running: RunningPart | undefined
  /** The start that is under way; its failure is reported elsewhere. */
  #starting: Promise<void> = Promise.resolve()
  /** Aborted when the part is not wanted (any more). */
  #stopped = AbortSignal.abort()
  #stop = () => {}
  #deaths = 0

  constructor(part: Part, record: LaunchRecord, log: (line: string) => void) {
    this.#part = part
    this.#record = record
    this.#log = log
  }

  /** The process that is up or starting. */
  get pid(): number | undefined {
    return this.#pid
  }

  /**
   * Starts it, unless it is wanted already, and logs that it is healthy.
   * @throws Error when it does not become healthy; it is not tried again then
   */
  async start(): Promise<void> {
    if (!this.#stopped.aborted) return
    const stopping = new AbortController()
    this.#stopped = stopping.signal
    this.#stop = () => stopping.abort()
    const launching = this.#launch()
    this.#starting = launching.catch(this.#stop)
    const began = performance.now()
    const waiting = setInterval(() => {
      this.#log(`${this.#part.name} is still starting (${Math.round((performance.now() - began) / 1_000)} s)`)
    }, SAY_EVERY)
    await launching.finally(() => clearInterval(waiting))
    this.#log(`${this.#part.name} ready: ${this.#part.at}`)
  }

  /** Stops it for good; a start that is under way is cut off. */
  async stop(): Promise<void> {
    this.#stop()
    if (!this.#running) this.kill('SIGKILL') // it is starting: nothing of value is lost
    await this.#starting
    await this.#running?.stop()
  }

  kill(signal: NodeJS.Signals): void {
    if (this.#pid === undefined) return
    try {
      process.kill(this.#pid, signal)
    } catch {
      // Gone at this moment.
    }
  }

  async #launch() {
    try {
      const running = await this.#part.start((pid) => {
        this.#pid = pid
        this.#record.add(this.#part.name, pid, this.#part.stopSignal)
        if (this.#stopped.aborted) this.kill('SIGKILL') // stopped before there was a process
      })
      this.#running = running
      const since = performance.now()
      void running.exited.then((how) => this.#onExit(how, performance.now() - since))
    } catch (error) {
      this.#forget()
      throw error
    }
  }

  #onExit(how: string, upFor: number) {
    this.#forget()
    if (this.#stopped.aborted) return
    this.#log(`${this.#part.name} died (${how}): starting it again`)
    if (upFor > STEADY_AFTER) this.#deaths = 0
    this.#starting = this.#revive()
  }

  async #revive() {
    while (!this.#stopped.aborted) {
      const pause = BACKOFF[Math.min(this.#deaths++, BACKOFF.length - 1)]
      await sleep(pause, undefined, { signal: this.#stopped }).catch(() => {})
      if (this.#stopped.aborted) return
      try {
        await this.#launch()
        return this.#log(`${this.#part.name} ready again: ${this.#part.at}`)
      } catch (error) {
        if (!this.#stopped.aborted) this.#log((error as Error).message)
      }
    }
  }

  #forget() {
    if (this.#pid !== undefined) this.#record.remove(this.#pid)
    this.#pid = undefined
    this.#running = undefined
  }
}
