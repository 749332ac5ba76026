import assert from 'node:assert/strict'
import { failureOf } from '../../contracts/application-failure.ts'
import { failure } from '../../contracts/failures.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

const INPUT = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 2 }] }

describe('an order that owes something to a participant of a newer build', () => {
  it('is not answered as refused by a worker that can not give it back, which gives back the rest', async () => {
    const parts = await connectParts()
    const shop = new FakeShop().before('confirmOrder', () => {
      throw failureOf(failure('OrderClosed', 'for a test'))
    })
    const activities = shop.activities()
    const voidOrder: typeof activities.voidOrder = async (order) => {
      const voided = await activities.voidOrder(order)
      return { ...voided, owed: ['inventory', 'gift'] }
    }
    try {
      await withWorker(parts, { ...activities, voidOrder }, async (start) => {
        const ended = await outcome(await start('createOrder', INPUT))
        assert.ok('refused' in ended, JSON.stringify(ended))
        assert.deepEqual([ended.refused?.type, ended.refused?.details.owed], ['CompensationFailed', 'gift'])
        assert.deepEqual([...shop.ledger.values()], ['RETURNED'])
      })
    } finally {
      await parts.close()
    }
  })
})
