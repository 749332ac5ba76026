import { parseOrderSn } from '../../contracts/order.ts'
import type { Confirmation } from '../../store/confirm-orders.ts'
import type { OpenIntent } from '../../store/open-orders.ts'
import { orderSnAt } from './fill-store.ts'

/** Users and places of new orders are above those of the orders that fillStore fills in. */
const FIRST_ID = 900_000_000

const PRICED = {
  goodsId: 1,
  name: 'Goods',
  image: 'https://images.shop.example/goods.jpg',
  num: 1,
  price: { amount: 300, currency: 'CNY' },
}

/** Orders that are to be opened in a store that fillStore has filled: each of another user, with one line. */
export function newOrders(from: number, count: number): OpenIntent[] {
  return Array.from({ length: count }, (_, i) => {
    const id = FIRST_ID + from + i
    const person = { address: 'No. 1 Bench Road', name: 'Li Lei', mobile: '13800000000', post: '' }
    const lines = [{ goodsId: PRICED.goodsId, num: PRICED.num }]
    return {
      ...{ orderSn: parseOrderSn(orderSnAt(id)), userId: id, requestId: `new-${id}`, fingerprint: 'f'.repeat(64), lines },
      ...{ ...person, workflowId: `create-order/${id}` },
    }
  })
}

/** The confirmations of new orders. */
export function confirmationsOf(intents: readonly OpenIntent[]): Confirmation[] {
  return intents.map(({ orderSn }) => ({ orderSn, total: 300, lines: [PRICED], keyed: true }))
}
