import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Lets those take turns who want the same goods. An inventory that locks them makes rivals wait for its locks by asking again and again, and refuses
 * who waited too long; those who come one after the other never meet.
 */
export class GoodsTurns {
  /** The last turn of each goods that is not over. */
  readonly #last = new Map<number, Promise<unknown>>()

  /**
   * Waits for whoever has any of these goods, or came before.
   * @param atMostMs for how long; then this turn begins beside theirs
   * @returns ends the turn
   */
  async take(goodsIds: readonly number[], atMostMs: number): Promise<() => void> {
    const before = new Set(goodsIds.flatMap((goodsId) => this.#last.get(goodsId) ?? []))
    let end = () => {}
    const over = new Promise<void>((resolve) => {
      end = resolve
    })
    const turn: Promise<void> = Promise.all([over, ...before]).then(() => {
      for (const goodsId of goodsIds) if (this.#last.get(goodsId) === turn) this.#last.delete(goodsId)
    })
    for (const goodsId of goodsIds) this.#last.set(goodsId, turn)
    if (before.size > 0) await within(atMostMs, Promise.all(before))
    return end
  }
}

async function within(ms: number, others: Promise<unknown>): Promise<void> {
  const waited = new AbortController()
  const timer = sleep(Math.max(0, ms), undefined, { signal: waited.signal }).catch(() => {})
  await Promise.race([others, timer])
  waited.abort()
}
