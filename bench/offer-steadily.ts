import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Answers } from './answers.ts'
import type { Placed, PlaceOrder } from './order-callers.ts'

/** Time between two looks at what is due, in milliseconds. */
const TICK_MS = 2

interface Offer {
  perSecond: number
  /** Milliseconds for which orders are sent. */
  ms: number
  /** Milliseconds after which the answers count. */
  warmupMs: number
  /** Number of the next order. */
  next(): number
  answers: Answers
}

/**
 * Sends orders at a steady rate, each through a caller that has none under way. The time of an answer counts from when its order was due, so
 * that orders which this process sent late do not look quick. An order for which no caller is free is answered by nobody: status 0.
 * @returns when every answer is there
 */
export async function offerSteadily(
  callers: readonly PlaceOrder[],
  { perSecond, ms, warmupMs, next, answers }: Offer,
): Promise<void> {
  const free = [...callers]
  const underWay = new Set<Promise<void>>()
  const begin = performance.now()
  const all = Math.round((ms / 1_000) * perSecond)
  for (let sent = 0; sent < all; ) {
    const due = Math.min(all, 1 + Math.floor(((performance.now() - begin) / 1_000) * perSecond))
    for (; sent < due; sent++) {
      const dueAfter = (sent * 1_000) / perSecond
      const add = (placed: Placed) => {
        if (dueAfter >= warmupMs) answers.add(placed, performance.now() - begin - dueAfter)
      }
      if (dueAfter >= warmupMs) answers.addLate(performance.now() - begin - dueAfter)
      const place = free.pop()
      if (!place) {
        add({ done: false, status: 0, answer: '0 more orders are under way than the bench has callers' })
        continue
      }
      const answer = place(next()).then((placed) => {
        add(placed)
        free.push(place)
        underWay.delete(answer)
      })
      underWay.add(answer)
    }
    await sleep(TICK_MS)
  }
  await Promise.all(underWay)
}
