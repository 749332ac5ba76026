import type { OrderStore } from '../store/order-store.ts'
import type { StoredOrder } from '../store/stored-order.ts'

/** Orders in one statement. Each may have 1,000 lines with texts of 2 KB, and all of them stand in memory together. */
const AT_ONCE = 25

interface Asked {
  orderSn: string
  answer: (order: StoredOrder | undefined) => void
  fail: (error: unknown) => void
}

/**
 * Reads orders for many callers at once: one that comes alone is served at once, those that come while a statement is under way share the
 * next one. So a storm of requests costs few statements, whatever they ask for.
 */
export class OrderReads implements Pick<OrderStore, 'getOrder'> {
  readonly #orders: Pick<OrderStore, 'getOrders'>
  #asked: Asked[] = []
  #isReading = false

  constructor(orders: Pick<OrderStore, 'getOrders'>) {
    this.#orders = orders
  }

  async getOrder(orderSn: string): Promise<StoredOrder | undefined> {
    return await new Promise((answer, fail) => {
      this.#asked.push({ orderSn, answer, fail })
      if (!this.#isReading) void this.#read()
    })
  }

  async #read(): Promise<void> {
    this.#isReading = true
    while (this.#asked.length > 0) {
      const batch = this.#asked.splice(0, AT_ONCE)
      try {
        const orders = await this.#orders.getOrders([...new Set(batch.map(({ orderSn }) => orderSn))])
        for (const { orderSn, answer } of batch) answer(orders.get(orderSn))
      } catch (error) {
        for (const { fail } of batch) fail(error)
      }
    }
    this.#isReading = false
  }
}
