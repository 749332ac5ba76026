import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { refusal, refusalIn } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { type Parts, startParts } from './parts.ts'

const WHY = refusal('OrderTimedOut', 'for a test')
const LINES = [{ goodsId: 31, num: 2 }]

describe('the activities under INVENTORY_MODE=unkeyed', () => {
  let parts: Parts
  let keyed: ReturnType<Parts['activities']>
  let unkeyed: ReturnType<Parts['activities']>
  let users = 0

  before(async () => {
    parts = await startParts()
    keyed = parts.activities()
    unkeyed = parts.activities({ unkeyed: parts.orders })
  })
  after(() => parts.stop())

  for (const opened of ['keyed', 'unkeyed'] as const) {
    it(`leave an order alone that was opened under the other mode: ${opened}`, async () => {
      const [its, other] = opened === 'keyed' ? [keyed, unkeyed] : [unkeyed, keyed]
      const request = asked()
      const orderSn = orderSnOf(request)
      const before = await parts.stock.stock(31)
      await its.openOrder(request)
      await its.sell({ orderSn, lines: LINES })
      assert.equal(await failureIn(other.openOrder(request)), 'ServiceUnavailable')
      assert.equal(await failureIn(other.voidOrder({ orderSn, refusal: WHY })), 'ServiceUnavailable')
      const voided = await its.voidOrder({ orderSn, refusal: WHY })
      assert.deepEqual([voided.outcome, voided.rebackOwed], ['ALREADY_CLOSED', true])
      await its.reback({ orderSn, lines: LINES })
      assert.equal(await parts.stock.stock(31), before)
    })
  }

  it('sell nothing for a batch, and give nothing back: each of its orders is handed over', async () => {
    const before = await parts.stock.stock(31)
    const request = asked()
    const sale = { orderSn: orderSnOf(request), lines: LINES }
    await unkeyed.openOrder(request)
    assert.deepEqual(await unkeyed.sellOrders([sale]), [{ unknown: 'INVENTORY_MODE=unkeyed' }])
    assert.deepEqual(await unkeyed.rebackOrders([sale]), [])
    assert.equal(await parts.stock.stock(31), before)
  })

  function asked() {
    const customer = { address: '1 Harbour Street', name: 'A. Customer', mobile: '10000000000' }
    return { userId: ++users, requestId: randomUUID(), ...customer, lines: LINES }
  }
})

async function failureIn(call: Promise<unknown>): Promise<string | undefined> {
  return await call.then(
    () => 'none',
    (error: unknown) => refusalIn(error)?.type,
  )
}
