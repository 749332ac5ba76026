import { FAILURES, type Refusal, refusalIn } from '../contracts/failures.ts'

/** What one quick attempt for one order of a batch came to: `unknown` may have taken effect, or may still. */
export type Attempt<T = true> = { done: T } | { refused: Refusal } | { unknown: string }

/** Waits for an attempt and tells refusals, which are final, from everything else; never throws. */
export async function attempt<T>(trying: Promise<T>): Promise<Attempt<T>> {
  try {
    return { done: await trying }
  } catch (error) {
    const refused = refusalIn(error)
    if (refused && !FAILURES[refused.type].retried) return { refused }
    return { unknown: refused?.type ?? 'InternalError' }
  }
}
