import type { StoredPayment } from '../store/life/payments.ts'
import type { OrderStore } from '../store/order-store.ts'
import { SharedReads } from '../store/shared-reads.ts'
import type { StoredOrder } from '../store/stored-order.ts'

/** Orders in one statement. Each may have 1,000 lines with texts of 2 KB, and all of them stand in memory together. */
const AT_ONCE = 25

/** An order for whoever looks at it. */
export type SeenOrder = StoredOrder & {
  /** Payments that were reported of it, in that order. */
  payments?: StoredPayment[]
}

/** Reads orders for many callers at once, and their payments if whoever looks wants to see them. */
export class OrderReads {
  readonly #reads: SharedReads<SeenOrder>

  /** @param orders also reads the payments, if whoever looks wants to see them */
  constructor(orders: Pick<OrderStore, 'getOrders'> & Partial<Pick<OrderStore, 'paymentsOf'>>) {
    this.#reads = new SharedReads<SeenOrder>(AT_ONCE, async (orderSns) => {
      const found = await orders.getOrders(orderSns)
      // None is paid that has not been confirmed or closed: most looks while an order is being created cost one statement.
      const settled = [...found.values()].filter(({ status }) => status !== 'CREATING' && status !== 'IN_DOUBT')
      const payments = (await orders.paymentsOf?.(settled.map(({ orderSn }) => orderSn))) ?? []
      return new Map(
        [...found].map(([orderSn, order]) => [
          orderSn,
          { ...order, payments: payments.filter((one) => one.orderSn === orderSn) },
        ]),
      )
    })
  }

  async getOrder(orderSn: string): Promise<SeenOrder | undefined> {
    return await this.#reads.get(orderSn)
  }
}
