/** Thrown if a call was not served, because it waited so long that its caller is about to give up. */
export class WaitedTooLong extends Error {
  override readonly name = 'WaitedTooLong'
}

export interface GroupLimits {
  /** Calls in one group. */
  calls: number
  /** Weight of one group; a single call may exceed it. */
  weight: number
  /** Milliseconds after which a waiting call is given up, unserved. */
  wait: number
}

interface Waiting<Call, Answer> {
  call: Call
  since: number
  resolve(answer: Answer | Promise<Answer>): void
  reject(error: unknown): void
}

/**
 * Group commit: calls that arrive while a group is being served wait and are then served together, in the order they came.
 * Nothing is ever delayed for the sake of a larger group: an idle server takes a call at once, and the busier it is, the
 * larger the groups get. One group at a time: a second one would wait for the rows of the first.
 */
export class CallGroups<Call, Answer> {
  readonly #limits: GroupLimits
  readonly #weigh: (call: Call) => number
  readonly #serve: (calls: Call[]) => Promise<(Answer | Promise<Answer>)[]>
  readonly #waiting: Waiting<Call, Answer>[] = []
  #busy = false

  /**
   * @param weigh what a call adds to its group's weight
   * @param serve one answer per call, in their order: an answer that is rejected is that caller's failure, what it throws every caller's
   */
  constructor(
    limits: GroupLimits,
    weigh: (call: Call) => number,
    serve: (calls: Call[]) => Promise<(Answer | Promise<Answer>)[]>,
  ) {
    this.#limits = limits
    this.#weigh = weigh
    this.#serve = serve
  }

  /** @throws WaitedTooLong, or what serving its group threw */
  add(call: Call): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, since: performance.now(), resolve, reject })
      this.#leaveSoon()
    })
  }

  #leaveSoon(): void {
    if (this.#busy || this.#waiting.length === 0) return
    this.#busy = true
    // After the events that are ready by now: calls that came in one packet leave as one group.
    setImmediate(async () => {
      const group = this.#nextGroup()
      if (group.length > 0) await this.#leave(group)
      this.#busy = false
      this.#leaveSoon()
    })
  }

  #nextGroup(): Waiting<Call, Answer>[] {
    const tooOld = performance.now() - this.#limits.wait
    const group: Waiting<Call, Answer>[] = []
    let weight = 0
    let taken = 0
    for (const waiting of this.#waiting) {
      if (waiting.since < tooOld) {
        waiting.reject(new WaitedTooLong())
      } else {
        weight += this.#weigh(waiting.call)
        if (group.length > 0 && (weight > this.#limits.weight || group.length === this.#limits.calls)) break
        group.push(waiting)
      }
      taken++
    }
    this.#waiting.splice(0, taken)
    return group
  }

  async #leave(group: Waiting<Call, Answer>[]): Promise<void> {
    try {
      const answers = await this.#serve(group.map(({ call }) => call))
      for (const [i, { resolve }] of group.entries()) resolve(answers[i] as Answer | Promise<Answer>)
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }
}
