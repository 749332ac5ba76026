import { failureIn } from '../contracts/application-failure.ts'
import { isRefusal } from '../contracts/failures.ts'
import type { Attempt } from '../contracts/steps.ts'
import type { Pace } from './lane-pace.ts'

/**
 * Makes an attempt within the lane's pace, and distinguishes refusals, which are final, from everything else; never throws.
 * @param trying is given how long it may take, in milliseconds
 */
export async function attempt<T>(pace: Pace, trying: (atMostMs: number) => Promise<T>): Promise<Attempt<T>> {
  const { limitMs } = pace
  const began = performance.now()
  const answer = await answerOf(() => trying(limitMs))
  const ms = performance.now() - began
  // A service that is away refuses connections at once, which says nothing of how long its answers take.
  if (!('unknown' in answer) || ms >= limitMs) pace.took(ms)
  return answer
}

/** Distinguishes the same of what is tried; never throws. */
export async function answerOf<T>(trying: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { done: await trying() }
  } catch (error) {
    const refused = failureIn(error)
    if (refused && isRefusal(refused)) return { refused }
    return { unknown: refused?.type ?? 'InternalError' }
  }
}
