import { Client, Connection } from '@temporalio/client'
import { PAY_WITHIN_MS } from '../../contracts/time-budget.ts'
import type { OperatorDeps } from '../../operators/operator-deps.ts'
import { eventStore } from '../../store/events/event-store.ts'
import { orderStore } from '../../store/order-store.ts'
import { recipientStore } from '../../store/recipients/recipient-store.ts'
import { reconciliationStore } from '../../store/reconciliation-store.ts'
import type { Shop } from '../reconciliation/shop.ts'

/** Returns what the verbs work with, over a shop's inventory and its stores, which they reach with the rights of operators alone. @param client without it Temporal is away */
export function operatorDeps(shop: Shop, client?: Client): OperatorDeps {
  const { operatorDb: db, inventory } = shop
  return {
    orders: orderStore(db),
    events: eventStore(db),
    recipients: recipientStore(db),
    inventory,
    client: client ?? new Client({ connection: Connection.lazy({ address: '127.0.0.1:1' }) }),
    reconciliation: shop.parts(true, reconciliationStore(db)),
    taskQueue: 'nobody-listens',
    priceToday: async (lines) =>
      lines.map((line) => ({ ...line, name: 'Goods', image: '', price: { amount: 100, currency: 'CNY' } })),
    payWithinMs: PAY_WITHIN_MS,
    stuckAfterMs: 0,
  }
}
