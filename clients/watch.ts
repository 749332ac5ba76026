import { setTimeout as sleep } from 'node:timers/promises'
import { reasonOf } from '../contracts/reason-of.ts'
import { type Address, addressText } from './address.ts'

export interface WatchListener {
  /** All addresses of the service, at least one: at first, and whenever they have changed. */
  found(addresses: Address[]): void
  /** Called once each time the addresses begin to be out of reach. What was found before stays good. */
  failed(reason: string): void
}

/** Follows the addresses of one service. Never calls back before it has returned; what it returns ends it. */
export type Watch = (listener: WatchListener) => () => void

/** Time between two lookups after one that failed: a service that is back is wanted within 2 s. */
const RETRY_MS = 1_000

/**
 * Watches by looking again and again.
 * @param look what is there now; it may block until that changes
 * @param pauseMs between two looks
 */
export function watchByLooking(look: (signal: AbortSignal) => Promise<Address[]>, pauseMs: number): Watch {
  return (listener) => {
    const stopping = new AbortController()
    follow(listener, stopping.signal, look, pauseMs).catch(() => {
      // The end of the watch, in the middle of a pause or of a look.
    })
    return () => stopping.abort()
  }
}

async function follow(...[listener, signal, look, pauseMs]: [WatchListener, AbortSignal, ...Parameters<typeof watchByLooking>]) {
  let known: string | undefined
  let failing = false
  while (!signal.aborted) {
    try {
      const addresses = await look(signal)
      signal.throwIfAborted()
      // Nobody there may be the registry's mistake; if it is not, the connections will show it.
      if (addresses.length === 0) throw new Error('no instance is known')
      const text = addresses.map(addressText).sort().join()
      if (text !== known) listener.found(addresses)
      known = text
      failing = false
    } catch (error) {
      signal.throwIfAborted()
      if (!failing) listener.failed(reasonOf(error))
      failing = true
    }
    await sleep(failing ? RETRY_MS : pauseMs, undefined, { signal, ref: false })
  }
}
