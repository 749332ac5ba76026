import type { StoredPayment } from '../store/life/payments.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { StoredOrder } from '../store/stored-order.ts'

/** Orders in one statement. Each may have 1,000 lines with texts of 2 KB, and all of them stand in memory together. */
const AT_ONCE = 25

/** An order for whoever looks at it. */
export type SeenOrder = StoredOrder & {
  /** Payments that were reported of it, in that order. */
  payments?: StoredPayment[]
}

interface Asked {
  orderSn: string
  answer: (order: SeenOrder | undefined) => void
  fail: (error: unknown) => void
}

/**
 * Reads orders for many callers at once: one that comes alone is served at once, those that come while a statement is under way share the
 * next one. So a storm of requests costs few statements, whatever they ask for.
 */
export class OrderReads {
  readonly #orders: Pick<OrderStore, 'getOrders'> & Partial<Pick<OrderStore, 'paymentsOf'>>
  #asked: Asked[] = []
  #isReading = false

  /** @param orders also reads the payments, if whoever looks wants to see them */
  constructor(orders: Pick<OrderStore, 'getOrders'> & Partial<Pick<OrderStore, 'paymentsOf'>>) {
    this.#orders = orders
  }

  async getOrder(orderSn: string): Promise<SeenOrder | undefined> {
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
        // None is paid that has not been confirmed or closed: most looks while an order is being created cost one statement.
        const settled = [...orders.values()].filter(({ status }) => status !== 'CREATING' && status !== 'IN_DOUBT')
        const payments = (await this.#orders.paymentsOf?.(settled.map(({ orderSn }) => orderSn))) ?? []
        for (const { orderSn, answer } of batch) {
          const order = orders.get(orderSn)
          answer(order && { ...order, payments: payments.filter((one) => one.orderSn === orderSn) })
        }
      } catch (error) {
        for (const { fail } of batch) fail(error)
      }
    }
    this.#isReading = false
  }
}
