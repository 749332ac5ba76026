import { setTimeout as sleep } from 'node:timers/promises'

/** Time between two attempts to reach a party that is away. */
const TRY_EVERY_MS = 1_000

/**
 * Returns the result of the attempt, as soon as it succeeds: a party that is away at start is no reason to fail.
 * @param options.isAway decides which failures are worth another attempt; any other is thrown @default all
 * @param options.onWait called with the reason of the wait, once for each reason in a row
 * @throws AbortError if the signal ended the wait
 */
export async function whenThere<T>(
  attempt: () => Promise<T>,
  options: { signal: AbortSignal; onWait: (reason: string) => void; isAway?: (error: Error & { code?: unknown }) => boolean },
): Promise<T> {
  const { signal, onWait, isAway = () => true } = options
  for (let told = ''; ; ) {
    signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof Error) || !isAway(error)) throw error
      if (error.message !== told) onWait(error.message)
      told = error.message
      await sleep(TRY_EVERY_MS, undefined, { signal })
    }
  }
}
