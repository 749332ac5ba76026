import assert from 'node:assert/strict'
import { type TestStack, testStack } from '../../support/stack.ts'
import { OUTAGES, OutageShop } from './outage-shop.ts'
import { outageTable } from './outage-table.ts'
import { runOutage } from './run-outage.ts'

/** Beyond the two misses after which the starter knows that Temporal is away. `npm run outages` are the long ones. */
const SECONDS = 6
const ORDERS_PER_SECOND = 2

describe('an outage under load', () => {
  let stack: TestStack
  let shop: OutageShop

  before(async () => {
    stack = await testStack()
    shop = await OutageShop.open(stack, 'lane')
  })

  after(() => shop.stop())

  for (const kind of OUTAGES) {
    it(`${kind}: leaks nothing, tells nobody what is not so, and work goes on afterwards`, async () => {
      const report = await runOutage(shop, { kind, seconds: SECONDS, ordersPerSecond: ORDERS_PER_SECOND })
      assert.deepEqual(report.violations, [], outageTable([report]))
      assert.ok(Number.isFinite(report.resumedAfter), 'no order was created after it')
      assert.ok(report.sent >= SECONDS, 'hardly anything was sent')
      // Nothing half done: who was turned away was told so before anything was sent.
      if (kind === 'temporal' || kind === 'postgres')
        assert.ok((report.meanwhile.ServiceUnavailable ?? 0) > 0, outageTable([report]))
    })
  }
})
