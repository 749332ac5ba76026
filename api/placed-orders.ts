import type { OrderStore } from '../store/order-store.ts'
import { SharedReads } from '../store/shared-reads.ts'
import type { StoredOrder } from '../store/stored-order.ts'
import { OrderReads } from './order-reads.ts'

/** Numbers in one statement, which returns those alone. */
const AT_ONCE = 500

/**
 * Looks for the orders of requests that place one. Most are not there yet, so their numbers alone are looked for, many at once; those that are
 * there are repeats, and are read.
 */
export class PlacedOrders {
  readonly #recorded: SharedReads<true>
  readonly #reads: OrderReads

  constructor({ recordedOrders, getOrders }: Pick<OrderStore, 'recordedOrders' | 'getOrders'>) {
    this.#recorded = new SharedReads(AT_ONCE, async (orderSns) => {
      return new Map((await recordedOrders(orderSns)).map((orderSn) => [orderSn, true]))
    })
    this.#reads = new OrderReads({ getOrders })
  }

  async getOrder(orderSn: string): Promise<StoredOrder | undefined> {
    return (await this.#recorded.get(orderSn)) && (await this.#reads.getOrder(orderSn))
  }
}
