import type { Answered, Latency, Measured } from './load-messages.ts'
import type { Placed } from './order-callers.ts'
import { percentile } from './report/statistics.ts'

/** The answers of one window. */
export class Answers {
  readonly #done: number[] = []
  readonly #otherwise = new Map<number, number[]>()
  readonly #late: number[] = []
  #sample: string | undefined

  get count(): number {
    return [...this.#otherwise.values()].reduce((sum, times) => sum + times.length, this.#done.length)
  }

  add({ done, status, answer }: Placed, ms: number): void {
    if (done) {
      this.#done.push(ms)
      return
    }
    this.#sample ??= answer.slice(0, 300)
    const times = this.#otherwise.get(status) ?? []
    this.#otherwise.set(status, times)
    times.push(ms)
  }

  /** Notes how long after it was due an order was sent, in milliseconds. */
  addLate(ms: number): void {
    this.#late.push(ms)
  }

  /** @param seconds length of the window */
  measured(seconds: number): Measured {
    const otherwise = [...this.#otherwise].map(([status, times]): [number, Answered] => [
      status,
      { count: times.length, latencyMs: latencyOf(times) },
    ])
    return {
      kind: 'measured',
      done: this.#done.length,
      seconds,
      ...(this.#done.length > 0 && { latencyMs: latencyOf(this.#done) }),
      ...(this.#late.length > 0 && { lateMs: latencyOf(this.#late) }),
      failed: this.count - this.#done.length,
      ...(this.#sample !== undefined && { sample: this.#sample }),
      otherwise: Object.fromEntries(otherwise),
    }
  }
}

function latencyOf(times: readonly number[]): Latency {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (share: number) => percentile(sorted, share)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}
