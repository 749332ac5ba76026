import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import type { OrderStore } from '../../store/order-store.ts'

let requests = 0

/** Opens an order of three pieces in a store, without a run. @returns its number; it is CREATING */
export async function openIn(store: OrderStore, userId: number): Promise<string> {
  const recipient = { address: '1 Road', name: 'A. Buyer', mobile: '1' }
  const request = { ...recipient, userId, requestId: `placed-${++requests}`, lines: [{ goodsId: 1, num: 3 }] }
  const orderSn = orderSnOf(request)
  await store.openOrders([{ ...request, orderSn, fingerprint: fingerprintOf(request), workflowId: 'w' }])
  return orderSn
}

/** Confirms an order of `openIn`: it is PAYING, 3.00 CNY. */
export async function confirmIn(store: OrderStore, orderSn: string): Promise<void> {
  const lines = [{ goodsId: 1, name: 'Tea', image: '', price: { amount: 100, currency: 'CNY' }, num: 3 }]
  await store.confirmOrders([{ orderSn, total: 300, lines }])
}
