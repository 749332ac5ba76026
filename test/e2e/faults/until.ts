import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits until a look comes to an end without a throw.
 * @param ms far above what the machine needs @default 60000
 * @throws Error with the last look's own, when it never does
 */
export async function until<T>(what: string, look: () => Promise<T> | T, ms = 60_000): Promise<T> {
  for (const deadline = Date.now() + ms; ; await sleep(100)) {
    try {
      return await look()
    } catch (cause) {
      if (Date.now() > deadline) throw new Error(`not within ${ms / 1_000} s: ${what} (${(cause as Error).message})`, { cause })
    }
  }
}
