import assert from 'node:assert/strict'
import { settlingActivities } from '../../activities/settling.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { startSettling } from '../../temporal/start-settling.ts'
import { until } from '../e2e/faults/until.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

describe('the sweep', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>

  before(async () => {
    parts = await connectParts()
  })

  after(async () => {
    await parts.close()
  })

  it('settles an order also while a run that is not at it has the id of its settleOrder', async () => {
    const shop = new FakeShop()
    const orderSn = await abandoned(shop, 'taken')
    const workflowId = `settle-order/${orderSn}`
    const other = await parts.client.workflow.start('somebodyElses', { workflowId, taskQueue: 'nobody' })
    try {
      await withWorker(parts, shop.activities(), async (start) => {
        assert.deepEqual(await outcome(await start('sweepOrders')), { result: [orderSn] })
        await until('it is settled', () => assert.equal(shop.rows.get(orderSn)?.status, 'TRADE_CLOSED'))
        await until('its stock is given back', () => assert.equal(shop.rows.get(orderSn)?.stockState, 'returned'))
      })
    } finally {
      await other.terminate()
    }
    assert.deepEqual(shop.violations(), [])
  })

  it('starts many settleOrders by one activity and one workflow task: neither their starts nor their ends wake it', async () => {
    const shop = new FakeShop()
    for (let i = 0; i < 25; i++) await abandoned(shop, `many ${i}`)
    const found = [...shop.rows.keys()]
    await withWorker(parts, shop.activities(), async (start) => {
      const sweep = await start('sweepOrders')
      assert.deepEqual(await outcome(sweep), { result: found })
      for (const orderSn of found) await parts.client.workflow.getHandle(`settle-order/${orderSn}`).result()
      const events = (await sweep.fetchHistory()).events ?? []
      const activities = events.flatMap((event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [])
      assert.deepEqual(activities, ['findAbandonedOrders', 'startSettling'])
      // One that looks for them, one that starts them, one that ends.
      assert.equal(events.filter((event) => event.workflowTaskCompletedEventAttributes).length, 3)
    })
    assert.deepEqual(shop.violations(), [])
  })

  it('starts every settleOrder but the one that fails, and that one in the next attempt', async () => {
    const shop = new FakeShop()
    for (let i = 0; i < 12; i++) await abandoned(shop, `one fails ${i}`)
    const found = [...shop.rows.keys()]
    const tries: string[] = []
    const settling = settlingActivities({
      async startSettling(orderSn, taskQueue) {
        if (tries.push(orderSn) === 1) throw new Error('injected')
        await startSettling(parts.client, orderSn, taskQueue)
      },
    })
    await withWorker(parts, { ...shop.activities(), ...settling }, async (start) => {
      assert.deepEqual(await outcome(await start('sweepOrders')), { result: found })
      assert.deepEqual(tries.slice(0, 12), found, 'the others are tried in the first attempt')
      for (const orderSn of found) await parts.client.workflow.getHandle(`settle-order/${orderSn}`).result()
    })
    assert.deepEqual(shop.violations(), [])
  })

  it('starts no second run of an order while the first gets on, however often it is asked', async () => {
    const shop = new FakeShop()
    const orderSn = await abandoned(shop, 'once')
    await withWorker(parts, shop.activities(), async (_start, taskQueue) => {
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      shop.before('voidOrder', () => held)
      for (let i = 0; i < 3; i++) await startSettling(parts.client, orderSn, taskQueue)
      await assert.rejects(parts.client.workflow.getHandle(`settle-order/${orderSn}/beside`).describe())
      release()
      await parts.client.workflow.getHandle(`settle-order/${orderSn}`).result()
    })
    assert.deepEqual(shop.violations(), [])
  })

  it('settles every abandoned order, and two of them at once do no harm', async () => {
    const shop = new FakeShop()
    for (const requestId of ['a', 'b', 'c']) await abandoned(shop, requestId)
    const found = [...shop.rows.keys()]
    await withWorker(parts, shop.activities(), async (start) => {
      const sweeps = await Promise.all([start('sweepOrders'), start('sweepOrders')])
      for (const sweep of sweeps) assert.deepEqual(await outcome(sweep), { result: found })
      for (const orderSn of found) await parts.client.workflow.getHandle(`settle-order/${orderSn}`).result()
    })
    assert.deepEqual(shop.violations(), [])
  })

  /** An order that its run left behind. @returns its number */
  async function abandoned(shop: FakeShop, requestId: string): Promise<string> {
    const userId = 7
    const lines = [{ goodsId: 1, num: 2 }]
    await shop.activities().openOrder({ userId, requestId, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines })
    return orderSnOf({ userId, requestId })
  }
})
