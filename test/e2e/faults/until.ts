import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Time for which looks may find nothing new before nothing more is expected: far above what a slow and loaded machine needs.
 * Milliseconds.
 */
export const STILL_MS = 180_000

/**
 * Waits until a look comes to an end without a throw, for as long as there is progress: as long as looks throw what none before
 * them threw (`5 runs are open`, then `4 runs are open`).
 * @param stillMs how long they may repeat themselves, in milliseconds @default 180000
 * @throws Error with the last look's own, when they only repeat themselves
 */
export async function until<T>(
  what: string,
  look: () => Promise<T> | T,
  { stillMs = STILL_MS }: { stillMs?: number } = {},
): Promise<T> {
  const seen = new Set<string>()
  for (let since = performance.now(); ; await sleep(100)) {
    try {
      return await look()
    } catch (cause) {
      const { message } = cause as Error
      if (!seen.has(message)) since = performance.now()
      seen.add(message)
      if (performance.now() - since > stillMs)
        throw new Error(`nothing new in ${stillMs / 1_000} s: ${what} (${message})`, { cause })
    }
  }
}
