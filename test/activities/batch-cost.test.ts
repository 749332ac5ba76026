import assert from 'node:assert/strict'
import { RecordedStatements } from '../../bench/growth/recorded-statements.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { type Parts, startParts } from './parts.ts'

describe('a batch of the lane', () => {
  const recorded = new RecordedStatements()
  let parts: Parts

  before(async () => {
    parts = await startParts({ log: recorded.log })
  })
  after(() => parts.stop())

  for (const [size, firstUser] of [
    [1, 9_000],
    [20, 9_100],
  ] as const) {
    it(`of ${size} costs the store three statements: its orders are opened, looked at before they take stock, and confirmed`, async () => {
      const activities = parts.activities()
      const requests = Array.from({ length: size }, (_, i) => requestOf(firstUser + i))
      const statements = await recorded.during(async () => {
        await activities.prepareOrders(requests)
        const sales = requests.map((request) => ({ orderSn: orderSnOf(request), lines: request.lines ?? [] }))
        await activities.sellOrders(sales)
        const lines = [{ goodsId: 1, num: 1, name: 'Tea', image: '', price: { amount: 1_999, currency: 'CNY' } }]
        const confirmed = await activities.confirmOrders(sales.map(({ orderSn }) => ({ orderSn, lines })))
        assert.equal(confirmed.filter((order) => order?.status === 'PAYING').length, size)
      })
      assert.equal(statements.length, 3, statements.map(({ text }) => text.trim().slice(0, 60)).join('; '))
    })
  }
})

function requestOf(userId: number): OrderRequest {
  const recipient = { address: '1 Test Street', name: 'Somebody', mobile: '0100' }
  return { userId, requestId: `cost-${userId}`, ...recipient, lines: [{ goodsId: 1, num: 1 }] }
}
