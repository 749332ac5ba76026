import { Client, Connection } from '@temporalio/client'
import { PAY_WITHIN_MS } from '../../contracts/time-budget.ts'
import type { OperatorDeps } from '../../operators/operator-deps.ts'
import { eventStore } from '../../store/events/event-store.ts'
import { recipientStore } from '../../store/recipients/recipient-store.ts'
import type { Shop } from '../reconciliation/shop.ts'

/** Returns what the verbs work with, over a shop's stores and inventory. @param client without it Temporal is away */
export function operatorDeps(shop: Shop, client?: Client): OperatorDeps {
  const { orders, inventory } = shop
  return {
    orders,
    events: eventStore(shop.db),
    recipients: recipientStore(shop.db),
    inventory,
    client: client ?? new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) }),
    reconciliation: shop.parts(),
    taskQueue: 'nobody-listens',
    priceToday: async (lines) =>
      lines.map((line) => ({ ...line, name: 'Goods', image: '', price: { amount: 100, currency: 'CNY' } })),
    payWithinMs: PAY_WITHIN_MS,
    stuckAfterMs: 0,
  }
}
