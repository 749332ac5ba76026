import assert from 'node:assert/strict'
import { type TestStack, testStack } from '../../support/stack.ts'
import { inventoryOutage } from './inventory-outage.ts'

/** Short of the orders' budget of 30 s by far: `npm run outage` is the long one. */
const SECONDS = 6
const ORDERS_PER_SECOND = 2
/** Failures of orders whose budget was over: they keep coming at their rate, and a slow machine may not get to some of them in time. */
const LATE = ['OrderTimedOut', 'OrderClosed']

describe('an outage of the inventory under load', () => {
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })

  for (const intake of ['single', 'lane'] as const) {
    it(`loses no order and calls the dead service twice a second at most, with INTAKE=${intake}`, async () => {
      const { sent, answers, ended, whileOpen } = await inventoryOutage(stack, {
        intake,
        ordersPerSecond: ORDERS_PER_SECOND,
        seconds: SECONDS,
      })
      const { PAYING: confirmed = 0, ...others } = ended
      const late = LATE.reduce((sum, failure) => sum + (others[`TRADE_CLOSED ${failure}`] ?? 0), 0)
      assert.equal(confirmed + late, sent, JSON.stringify(ended))
      assert.ok(late < confirmed, JSON.stringify(ended))
      for (const answer of Object.keys(answers)) assert.ok(['created', 'pending', ...LATE].includes(answer), answer)
      assert.ok(whileOpen.seconds > 0, 'the breaker was never seen open')
      assert.ok(whileOpen.calls < 2 * whileOpen.seconds, JSON.stringify(whileOpen))
    })
  }
})
