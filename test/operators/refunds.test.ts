import assert from 'node:assert/strict'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { createActivities } from '../../activities/create-activities.ts'
import { cancelOrder } from '../../operators/cancel-order.ts'
import { listRefunds, markRefunded, refundsText } from '../../operators/refunds.ts'
import { sagaPicture } from '../../operators/saga-picture.ts'
import { showOrder } from '../../operators/show-order.ts'
import { Shop } from '../reconciliation/shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { withWorker } from '../support/workflow-runs.ts'
import { operatorDeps } from './operator-deps.ts'

const LINES = [{ goodsId: 1, num: 2 }]
const ADA = { by: 'Ada', why: 'refund 77 of the gateway' }
const CNY = (amount: number) => ({ amount, currency: 'CNY' })
const PAID_AT = '2030-01-01T00:00:00Z'

describe('what operators do about paid and unpaid orders', () => {
  let shop: Shop
  before(async () => {
    shop = await Shop.open()
  })
  after(() => shop.close())

  it('lists payments that owe a refund, and records that one was made, once', async () => {
    const parts = operatorDeps(shop)
    const orderSn = await shop.confirmed(LINES)
    const report = (paymentId: string, amount: number) =>
      shop.orders.recordPayment(orderSn, { provider: 'pay', paymentId, amount: CNY(amount), paidAt: PAID_AT })
    await report('a/1', 99)
    await report('a/2', 100)
    await report('a/3', 100)
    const owed = await listRefunds(parts)
    assert.deepEqual(
      owed.payments.map(({ paymentId, outcome }) => [paymentId, outcome]),
      [
        ['a/1', 'mismatch'],
        ['a/3', 'duplicate'],
      ],
    )
    assert.match(refundsText(owed), /pay\/a\/3 +\S+ +1\.00 CNY +duplicate .* refunded pay\/a\/3/)

    assert.match(await markRefunded(parts, 'pay/a/3', ADA), /is recorded as given back/)
    assert.match(await markRefunded(parts, 'pay/a/3', ADA), /was recorded as given back at 20/)
    await assert.rejects(markRefunded(parts, 'pay/a/2', ADA), /was accepted, and pays order/)
    for (const unknown of ['pay/none', 'pay', '/a', '']) await assert.rejects(markRefunded(parts, unknown, ADA), /was reported/)
    assert.deepEqual(
      (await listRefunds(parts)).payments.map(({ paymentId }) => paymentId),
      ['a/1'],
    )
    const audit = (await shop.orders.readAudit(orderSn)).at(-1)
    assert.deepEqual([audit?.verb, audit?.by, audit?.why], ['refund', 'Ada', 'payment a/3: refund 77 of the gateway'])

    const picture = sagaPicture(await showOrder(parts, orderSn))
    for (const line of [
      /^paid 20/m,
      /^money +1\.00 CNY, paid 20/m,
      /^payment pay\/a\/1: 0\.99 CNY, mismatch, a refund is owed$/m,
      /^payment pay\/a\/2: 1\.00 CNY, accepted$/m,
      /^payment pay\/a\/3: 1\.00 CNY, duplicate, given back 20/m,
    ]) {
      assert.match(picture, line)
    }
    assert.equal(refundsText({ payments: [] }), 'no payment owes a refund')
  })

  it('cancels an order that waits for its payment, and gives back what it holds; a paid one never', async () => {
    const { address } = await testTemporal()
    const client = new Client({ connection: await Connection.connect({ address }) })
    const native = await NativeConnection.connect({ address })
    const unused = () => assert.fail('nothing else is called')
    const activities = createActivities({
      ...{ goods: { batchGetGoods: unused }, users: { getUserById: unused }, orders: shop.orders, currency: 'CNY' },
      inventory: Object.assign(shop.inventory, {}),
      ...{
        startOwnRun: unused,
        startSettling: unused,
        attendanceOf: unused,
        answerGiven: async () => undefined,
        sweepAfterMs: 60_000,
      },
    } as unknown as Parameters<typeof createActivities>[0])
    try {
      await withWorker({ connection: native, client }, activities, async (_, taskQueue) => {
        const parts = { ...operatorDeps(shop, client), taskQueue }
        const orderSn = await shop.confirmed(LINES)
        assert.equal(await soldState(orderSn), 'SOLD')
        assert.match(await cancelOrder(parts, orderSn, ADA), /is cancelled: TRADE_CLOSED, stock returned/)
        assert.equal(await soldState(orderSn), 'RETURNED')
        assert.equal((await shop.orders.getOrder(orderSn))?.closedFor, 'cancelled')
        await assert.rejects(cancelOrder(parts, orderSn, ADA), /is closed already/)
        assert.match(sagaPicture(await showOrder(parts, orderSn)), /^closed \(cancelled\) 20/m)

        const paid = await shop.confirmed(LINES)
        await shop.orders.recordPayment(paid, { provider: 'pay', paymentId: 'b', amount: CNY(100), paidAt: PAID_AT })
        await assert.rejects(
          cancelOrder(parts, paid, ADA),
          /is paid \(TRADE_SUCCESS, stock sold\): a paid order is not cancelled/,
        )
        assert.equal(await soldState(paid), 'SOLD')
      })
    } finally {
      await client.connection.close()
      await native.close()
    }
  })

  async function soldState(orderSn: string) {
    return (await shop.parts().ledger?.sale(orderSn))?.state
  }
})
