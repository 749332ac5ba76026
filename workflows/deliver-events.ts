import type { EventRound } from '../contracts/steps.ts'
import { deliverEventRound } from './steps.ts'

/** Rounds of one run, which keep its history short; the Schedule's next run goes on. */
const MAX_ROUNDS = 100

/**
 * Started by a Schedule (composition/register.ts): delivers events to the webhook and removes old ones, round by round for as long as there
 * is more.
 * @returns what it came to, all rounds together
 */
export async function deliverEvents(): Promise<EventRound> {
  const all: EventRound = { delivered: 0, failed: 0, removed: 0, more: true }
  for (let rounds = 0; all.more && rounds < MAX_ROUNDS; rounds++) {
    const { delivered, failed, removed, more } = await deliverEventRound()
    all.delivered += delivered
    all.failed += failed
    all.removed += removed
    all.more = more
  }
  return all
}
