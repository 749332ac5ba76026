import type { EventStore } from '../store/events/event-store.ts'
import { type EventPlace, isBehind, type PlacedEvent } from '../store/events/read-events.ts'

/** Time between two looks for new events while anybody waits, in milliseconds. */
const LOOK_EVERY_MS = 200

/** The feed as the store has it. */
export type EventReads = Pick<EventStore, 'readEvents' | 'newestPlace'>

interface Waiting {
  after: EventPlace
  wake: () => void
}

/**
 * Reads the feed for its readers, and lets those wait that have read all: one look for all of them finds when there is more. Readers at the
 * same place share one statement.
 */
export class EventFeed {
  readonly #reads: EventReads
  readonly #waiting = new Set<Waiting>()
  readonly #underWay = new Map<string, ReturnType<EventReads['readEvents']>>()
  #isLooking = false
  #isStopped = false

  constructor(reads: EventReads) {
    this.#reads = reads
  }

  /**
   * Returns the events behind a place; if there are none, waits for the first.
   * @param waitMs longest wait, in milliseconds
   * @param signal ends the wait
   */
  async read(
    after: EventPlace,
    limit: number,
    { waitMs, signal }: { waitMs: number; signal: AbortSignal },
  ): Promise<{ events: PlacedEvent[]; horizon: number }> {
    const until = performance.now() + waitMs
    for (;;) {
      const page = await this.#shared(after, limit)
      const left = until - performance.now()
      if (page.events.length > 0 || after.xact >= page.horizon || left <= 0 || signal.aborted || this.#isStopped) return page
      await this.#more(after, left, signal)
    }
  }

  /** Ends all waits, of now and later: each reader is answered with what there is. */
  stop(): void {
    this.#isStopped = true
    for (const { wake } of this.#waiting) wake()
  }

  #shared(after: EventPlace, limit: number): ReturnType<EventReads['readEvents']> {
    const key = `${after.xact} ${after.id} ${limit}`
    const known = this.#underWay.get(key)
    if (known) return known
    const page = this.#reads.readEvents(after, limit).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, page)
    return page
  }

  async #more(after: EventPlace, atMostMs: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => waiting.wake(), atMostMs)
      const waiting = {
        after,
        wake: () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', waiting.wake)
          this.#waiting.delete(waiting)
          resolve()
        },
      }
      signal.addEventListener('abort', waiting.wake)
      this.#waiting.add(waiting)
      if (!this.#isLooking) this.#look()
    })
  }

  /** Looks as long as anybody waits. */
  #look(): void {
    this.#isLooking = true
    setTimeout(async () => {
      this.#isLooking = false
      if (this.#waiting.size === 0) return
      // A store that is away wakes nobody: whoever waits longest meets its error by a read.
      const newest = await this.#reads.newestPlace().catch(() => undefined)
      if (newest) for (const { after, wake } of this.#waiting) if (isBehind(newest, after)) wake()
      if (this.#waiting.size > 0 && !this.#isLooking) this.#look()
    }, LOOK_EVERY_MS)
  }
}
