import assert from 'node:assert/strict'
import type { Activities } from '../../contracts/activities.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import { failure } from '../../contracts/failures.ts'
import type { OrderSn } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { priceOrder } from '../../workflows/price-order.ts'
import { type Parts, startParts } from './parts.ts'

const WHY = failure('OrderTimedOut', 'for a test')
const LINES = [{ goodsId: 1, num: 2 }]

/** Every state in which a request may find the order of another body under its key. */
const STATES = {
  CREATING: async () => {},
  sold: async ({ sell }, { orderSn }) => await sell({ orderSn, lines: LINES }),
  confirmed: async (activities, first) => await confirmed(activities, first),
  'confirmed, and closed by the shop since': async (activities, first, { db }) => {
    await confirmed(activities, first)
    const owing = { status: 'TRADE_CLOSED', stock_state: 'returning' } as const
    await db.updateTable('orders').set(owing).where('order_sn', '=', first.orderSn).execute()
  },
  'closed, and a Reback is owed': async ({ voidOrder }, { request }) => await voidOrder({ request, refusal: WHY }),
  'closed and given back': async ({ voidOrder, reback }, { request, orderSn }) => {
    await voidOrder({ request, refusal: WHY })
    await reback({ orderSn, lines: LINES })
  },
} satisfies Record<string, (activities: Activities, first: First, parts: Parts) => Promise<unknown>>

interface First {
  request: OrderRequest
  orderSn: OrderSn
}

describe('another body under a used key', () => {
  let parts: Parts
  let activities: Activities
  let users = 0

  before(async () => {
    parts = await startParts()
    activities = parts.activities()
  })
  after(() => parts.stop())

  for (const [state, reach] of Object.entries(STATES)) {
    it(`meets an order that is ${state}: it learns nothing of it, may give nothing back, and changes nothing`, async () => {
      const request: OrderRequest = {
        ...{ userId: ++users, requestId: 'first', address: '1 Test Street', name: 'Somebody', mobile: '0100' },
        lines: LINES,
      }
      const orderSn = orderSnOf(request)
      await activities.openOrder(request)
      await reach(activities, { request, orderSn }, parts)
      const before = await stored(orderSn)
      const stock = await parts.stock.stock(1)

      const other: OrderRequest = { ...request, lines: [{ goodsId: 1, num: 3 }] }
      const refused = failureIn(await activities.openOrder(other).catch((error: unknown) => error))
      assert.equal(refused?.type, 'IdempotencyKeyReused')
      const [opening] = (await activities.prepareOrders([other])).openings
      assert.deepEqual(opening, { state: 'refused', refusal: refused })
      const nothing = { orderSn, outcome: 'FOREIGN', rebackOwed: false, lines: [] }
      const order = { request: other, refusal: refused }
      assert.deepEqual(await activities.voidOrder(order), nothing)
      assert.deepEqual(await activities.voidOrders([order]), [nothing])

      assert.deepEqual(await stored(orderSn), before)
      assert.equal(await parts.stock.stock(1), stock)
    })
  }

  async function stored(orderSn: string) {
    return await parts.db.selectFrom('orders').selectAll().where('order_sn', '=', orderSn).executeTakeFirstOrThrow()
  }
})

async function confirmed({ batchGetGoods, sell, confirmOrder }: Activities, { orderSn }: First): Promise<void> {
  const priced = priceOrder(LINES, await batchGetGoods([1]))
  await sell({ orderSn, lines: LINES })
  await confirmOrder({ orderSn, lines: priced })
}
