import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { createActivities } from '../../activities/create-activities.ts'
import type { Deps } from '../../activities/deps.ts'
import type { Activities } from '../../contracts/activities.ts'
import { failureIn, failureOf } from '../../contracts/application-failure.ts'
import { createOrderWorkflowId, type OrderRequest } from '../../contracts/create-order.ts'
import { failure } from '../../contracts/failures.ts'
import type { OrderSn } from '../../contracts/order.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { listOrders } from '../../operators/list-orders.ts'
import { resolveAnswered } from '../../operators/resolve-answered.ts'
import { retryOrder } from '../../operators/retry-order.ts'
import { showOrder } from '../../operators/show-order.ts'
import { readAudit } from '../../store/audit.ts'
import { answerGiven } from '../../temporal/answer-given.ts'
import { attendanceOf } from '../../temporal/attendance.ts'
import { runsOf } from '../../temporal/runs-of-order.ts'
import { startOwnRun } from '../../temporal/start-own-run.ts'
import { startSettling } from '../../temporal/start-settling.ts'
import { Shop } from '../reconciliation/shop.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { outcome, withWorker } from '../support/workflow-runs.ts'
import { operatorDeps } from './operator-deps.ts'

const LINES = [{ goodsId: 1, num: 2 }]
const RECIPIENT = { address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '+99-5550-80131' }
const ADA = { by: 'Ada', why: 'failover of 09:12' }

describe('an order that its run called confirmed, and that the store holds as CREATING', () => {
  let shop: Shop
  let client: Client
  let native: NativeConnection
  let orderSn: OrderSn
  let workflowId: string
  let request: OrderRequest
  /** Number of times that Temporal was asked what ended runs answered. */
  let asked = 0

  before(async () => {
    const { address } = await testTemporal()
    client = new Client({ connection: await Connection.connect({ address }) })
    native = await NativeConnection.connect({ address })
    shop = await Shop.open()
  })
  after(async () => {
    await client.connection.close()
    await native.close()
    await shop.close()
  })
  beforeEach(async () => {
    orderSn = await shop.sold(LINES)
    const { userId, requestId } = (await shop.orders.getOrder(orderSn)) ?? assert.fail('it was opened')
    workflowId = createOrderWorkflowId(orderSnOf({ userId, requestId }))
    request = { userId, requestId, ...RECIPIENT, lines: LINES }
    const fingerprint = fingerprintOf(request)
    await shop.db.updateTable('orders').set({ fingerprint }).where('order_sn', '=', orderSn).execute()
    // Its confirmation is in the store of another shop: this one's was set back.
    await withWorker({ connection: native, client }, new FakeShop().activities(), async (_, taskQueue) => {
      await client.workflow.execute('createOrder', { workflowId, taskQueue, args: [request] })
    })
  })

  it('is named as such, and neither found abandoned nor settled by a retry', async () => {
    const parts = operatorDeps(shop, client)
    const order = (await shop.store.holding(orderSn)) ?? assert.fail('it was opened')
    assert.equal((await attendanceOf(client, order)).kind, 'answered')
    assert.equal((await showOrder(parts, orderSn)).answeredBy, workflowId)
    const listed = (await listOrders(parts)).orders.find((one) => one.orderSn === orderSn)
    assert.match(String(listed?.next), /answered as confirmed by .*: resolve \w+ --as-answered confirms it again, --close/)
    await assert.rejects(retryOrder(parts, orderSn, ADA), /answered that order \w+ is confirmed, .* to settle it would close it/)
    assert.equal((await shop.orders.getOrder(orderSn))?.status, 'CREATING')
  })

  it('is confirmed again as it was answered, once, and sold once', async () => {
    const parts = operatorDeps(shop, client)
    assert.match(await resolveAnswered(parts, orderSn, 'asAnswered', ADA), /is confirmed again, as run create-order/)
    const order = await shop.orders.getOrder(orderSn)
    assert.deepEqual([order?.status, order?.stockState, order?.lines.map(({ num }) => num)], ['PAYING', 'sold', [2]])
    assert.deepEqual(await parts.reconciliation.ledger?.sale(orderSn), { state: 'SOLD', lines: LINES })
    const trail = (await readAudit(shop.db, orderSn)).map(({ verb, by, why }) => [verb, by, why])
    assert.deepEqual(trail, [['resolve', 'Ada', 'asAnswered: failover of 09:12']])
    await assert.rejects(resolveAnswered(parts, orderSn, 'asAnswered', ADA), /no run that has ended calls order/)
  })

  it('is sold to again if the inventory was set back as well', async () => {
    await shop.damageLedger(`delete from inventory.sales where order_sn = '${orderSn}'`)
    const parts = operatorDeps(shop, client)
    await resolveAnswered(parts, orderSn, 'asAnswered', ADA)
    assert.deepEqual(await parts.reconciliation.ledger?.sale(orderSn), { state: 'SOLD', lines: LINES })
  })

  it('is restored as it was answered if its row is gone altogether, and not sold twice', async () => {
    const parts = operatorDeps(shop, client)
    const stock = await shop.inventory.getStock(1)
    await shop.db.deleteFrom('order_events').where('aggregateid', '=', orderSn).execute()
    await shop.db.deleteFrom('orders').where('order_sn', '=', orderSn).execute()
    await assert.rejects(resolveAnswered(parts, orderSn, 'close', ADA), /no order \w+, and nothing to close: reconcile --apply/)
    assert.match(await resolveAnswered(parts, orderSn, 'asAnswered', ADA), /is confirmed again, as run create-order/)
    const row = await shop.db.selectFrom('orders').selectAll().where('order_sn', '=', orderSn).executeTakeFirstOrThrow()
    assert.deepEqual(
      [row.status, row.stock_state, row.user_id, row.request_id],
      ['PAYING', 'sold', request.userId, request.requestId],
    )
    assert.deepEqual([row.address, row.name, row.mobile, row.fingerprint], [...Object.values(RECIPIENT), fingerprintOf(request)])
    const [answer] = await Promise.all([answerGiven(client, orderSn, [workflowId])])
    const order = await shop.orders.getOrder(orderSn)
    assert.deepEqual([order?.total, order?.lines], [answer?.order?.total, answer?.order?.lines])
    assert.equal(await shop.inventory.getStock(1), stock)
    const [entry, ...more] = await readAudit(shop.db, orderSn)
    assert.deepEqual([entry?.verb, entry?.by, entry?.before, more], ['resolve', 'Ada', {}, []])
  })

  it('is not restored while its user has another order in progress, nor closed for it', async () => {
    await shop.db.deleteFrom('order_events').where('aggregateid', '=', orderSn).execute()
    await shop.db.deleteFrom('orders').where('order_sn', '=', orderSn).execute()
    const other = { userId: request.userId, requestId: randomUUID(), ...RECIPIENT, lines: LINES }
    const otherSn = orderSnOf(other)
    await shop.orders.openOrders([{ ...other, orderSn: otherSn, fingerprint: fingerprintOf(other), workflowId: 'w' }])
    await assert.rejects(
      resolveAnswered(operatorDeps(shop, client), orderSn, 'asAnswered', ADA),
      /can't be restored now: its user has another order in progress/,
    )
    assert.equal(await shop.orders.getOrder(orderSn), undefined)
  })

  it('is not made up: of a number that no run calls confirmed there is nothing to restore', async () => {
    const unknown = orderSnOf({ userId: 1, requestId: randomUUID() })
    await assert.rejects(
      resolveAnswered(operatorDeps(shop, client), unknown, 'asAnswered', ADA),
      /no order \w+, and no run that has ended calls it confirmed/,
    )
  })

  it('is closed on demand, and its stock given back once', async () => {
    const stock = await shop.inventory.getStock(1)
    await withWorker({ connection: native, client }, activities(), async (_, taskQueue) => {
      const parts = { ...operatorDeps(shop, client), taskQueue }
      assert.match(
        await resolveAnswered(parts, orderSn, 'close', ADA),
        /^order \w+, which run create-order\S+ calls confirmed, is TRADE_CLOSED, stock returned$/,
      )
      const order = await shop.orders.getOrder(orderSn)
      assert.deepEqual([order?.status, order?.stockState, order?.refusal?.type], ['TRADE_CLOSED', 'returned', 'OrderClosed'])
      assert.deepEqual(await parts.reconciliation.ledger?.sale(orderSn), { state: 'RETURNED', lines: [] })
      assert.equal(await shop.inventory.getStock(1), stock + 2)
      const [entry, ...more] = await readAudit(shop.db, orderSn)
      assert.deepEqual([entry?.verb, entry?.by, entry?.why, more], ['resolve', 'Ada', 'close: failover of 09:12', []])
      assert.deepEqual(entry?.before, { status: 'CREATING', stockState: 'selling' })
      assert.deepEqual(entry.after, { status: 'TRADE_CLOSED', stockState: 'returned' })
      for (const verdict of ['close', 'asAnswered'] as const)
        await assert.rejects(resolveAnswered(parts, orderSn, verdict, ADA), /no run that has ended calls order/)
      assert.equal(await shop.inventory.getStock(1), stock + 2)
    })
  })

  it('is closed by no run: neither by a settleOrder that somebody starts, nor by a repeat that fails', async () => {
    await withWorker({ connection: native, client }, activities(), async (start, taskQueue) => {
      const repeat = client.workflow.start('createOrder', { workflowId, taskQueue, args: [request] })
      for (const run of [await start('settleOrder', orderSn), await repeat, await start('createOrder', request)]) {
        const ended = await outcome(run)
        assert.ok('refused' in ended, JSON.stringify(ended))
        assert.equal(ended.refused?.type, 'CompensationFailed')
        assert.match(
          ended.refused.message,
          /^voidOrder of order .* was refused \(run create-order\S+ calls it confirmed, and the store does not: /,
        )
        assert.equal((await shop.orders.getOrder(orderSn))?.status, 'CREATING')
      }
      assert.equal((await attendanceOf(client, (await shop.store.holding(orderSn)) ?? assert.fail())).kind, 'answered')
    })
  })

  it('is not closed either while Temporal does not say what its runs answered: whoever wants to tries again', async () => {
    const answerGiven = () => Promise.reject(new Error('14 UNAVAILABLE: no connection'))
    const { voidOrder } = activities({ answerGiven })
    const error = await voidOrder({ orderSn, refusal: failure('OrderClosed', 'for a test') }).catch((error: unknown) => error)
    assert.equal(failureIn(error)?.type, 'ServiceUnavailable')
    assert.equal((await shop.orders.getOrder(orderSn))?.status, 'CREATING')
  })

  it('is settled as any other if the store knows that it was confirmed, and the shop has closed it since', async () => {
    await shop.confirm(orderSn, LINES)
    const closed = { status: 'TRADE_CLOSED', stock_state: 'returning', updated_at: new Date(0) } as const
    await shop.db.updateTable('orders').set(closed).where('order_sn', '=', orderSn).execute()
    const [stock, parts] = [await shop.inventory.getStock(1), operatorDeps(shop, client)]
    const order = (await shop.store.holding(orderSn)) ?? assert.fail('it was opened')
    assert.equal((await attendanceOf(client, order)).kind, 'abandoned')
    assert.match(
      String((await listOrders(parts)).orders.find((one) => one.orderSn === orderSn)?.next),
      /^retry \w+, or leave it to/,
    )
    await withWorker({ connection: native, client }, activities(), async (start) => {
      assert.deepEqual(await (await start('closeDueOrders')).result(), { closed: 0, returned: 1 })
      assert.equal((await shop.orders.getOrder(orderSn))?.stockState, 'returned')
      assert.equal(await shop.inventory.getStock(1), stock + 2)
    })
  })

  it('costs no other order a question: one that its own run opened and refused is just closed', async () => {
    await withWorker({ connection: native, client }, activities(), async (start) => {
      asked = 0
      const another = { ...request, requestId: randomUUID(), userId: request.userId + 1_000 }
      const ended = await outcome(await start('createOrder', another))
      assert.ok('refused' in ended && ended.refused?.type === 'UserNotFound', JSON.stringify(ended))
      assert.equal((await shop.orders.getOrder(orderSnOf(another)))?.status, 'TRADE_CLOSED')
      assert.equal(asked, 0)
    })
  })

  /** The real ones, of a shop that does not know the user any more. */
  function activities(other: Partial<Deps> = {}): Activities {
    const { orders, inventory } = shop
    const steps = createActivities({
      orders,
      inventory,
      currency: 'CNY',
      sweepAfterMs: 0,
      goods: { batchGetGoods: () => Promise.reject(new Error('not asked')) },
      users: { getUserById: () => Promise.reject(new Error('not asked')) },
      startOwnRun: (request, by) => startOwnRun(client, request, by),
      startSettling: (orderSn, taskQueue) => startSettling(client, orderSn, taskQueue),
      attendanceOf: (order) => attendanceOf(client, order),
      answerGiven: async (order) => {
        asked++
        return await answerGiven(client, order.orderSn, runsOf(order))
      },
      ...other,
    })
    const { batchGetGoods } = new FakeShop().activities()
    const getUser = () => Promise.reject(failureOf(failure('UserNotFound', 'no such user')))
    return { ...steps, batchGetGoods, getUser }
  }
})
