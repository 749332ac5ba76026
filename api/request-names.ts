import { randomUUID } from 'node:crypto'
import type { CreateOrderInput } from '../contracts/create-order.ts'
import { fingerprintOf } from '../contracts/order-sn.ts'
import type { AskedKey } from '../store/natural-keys.ts'
import type { OrderStore } from '../store/order-store.ts'
import { stored } from './stored.ts'

/** Requests in one statement. */
const AT_ONCE = 100

interface Waiting extends AskedKey {
  answer: (key: string) => void
  fail: (error: unknown) => void
}

/**
 * Names the requests that come without a key: one for the cart by its natural key, so that whoever sends it twice means one order
 * (docs/adr/0019); one with lines by a key of its own, since the same lines may well be ordered twice. Requests that come while a statement
 * is under way share the next one.
 */
export class RequestNames {
  readonly #store: Pick<OrderStore, 'naturalKeys'>
  #waiting: Waiting[] = []
  #isAsking = false

  constructor(store: Pick<OrderStore, 'naturalKeys'>) {
    this.#store = store
  }

  /** @throws ApplicationFailure ServiceUnavailable if PostgreSQL can't be used now */
  async nameOf(asked: CreateOrderInput): Promise<string> {
    if (asked.lines) return randomUUID()
    return await new Promise((answer, fail) => {
      this.#waiting.push({ userId: asked.userId, fingerprint: fingerprintOf(asked), answer, fail })
      if (!this.#isAsking) void this.#ask()
    })
  }

  async #ask(): Promise<void> {
    this.#isAsking = true
    while (this.#waiting.length > 0) {
      const together = this.#waiting.splice(0, AT_ONCE)
      try {
        const keys = await stored(() => this.#store.naturalKeys(together))
        for (const [i, { answer }] of together.entries()) answer(keys[i] as string)
      } catch (error) {
        for (const { fail } of together) fail(error)
      }
    }
    this.#isAsking = false
  }
}
