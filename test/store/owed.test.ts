import assert from 'node:assert/strict'
import { type Kysely, sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import type { Database } from '../../store/database.ts'
import { up as orders } from '../../store/migrations/0001-orders.ts'
import { up as orderAudit } from '../../store/migrations/0002-order-audit.ts'
import { up as unkeyedStock } from '../../store/migrations/0003-unkeyed-stock.ts'
import { up as storeProbe } from '../../store/migrations/0004-store-probe.ts'
import { up as owed } from '../../store/migrations/0005-owed.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { isSettled } from '../../store/stored-order.ts'
import { connectTestDatabase } from '../support/postgres.ts'
import { connectTestStore } from '../support/test-store.ts'

const WHY = failure('OrderTimedOut', 'for a test')

describe('what an order owes', () => {
  let db: Database
  let store: OrderStore
  let users = 0

  before(async () => {
    db = await connectTestStore()
    store = orderStore(db)
  })
  after(() => db.destroy())

  it('is a set on its row: each participant is paid back by itself, and until all are the order is not settled', async () => {
    const orderSn = await open('{"coupon":{"coupon":"SPRING"}}')
    assert.deepEqual(await owedBy(orderSn), [], 'what is on its way holds, and owes nothing')
    const [voided] = await store.voidOrders([{ orderSn, refusal: WHY, keyed: true }])
    assert.deepEqual(voided?.order?.owed, ['inventory', 'coupon'])

    assert.deepEqual(await store.markReturned([orderSn], 'inventory'), [orderSn])
    const half = await store.getOrder(orderSn)
    assert.deepEqual([half?.stockState, half?.owed], ['returned', ['coupon']])
    assert.ok(half && !isSettled(half))
    assert.ok(
      (await store.findUnsettled(-1, 1_000)).some((one) => one.orderSn === orderSn),
      'the sweep finds it',
    )
    assert.equal((await store.inCompensation()).orders, 1)
    assert.deepEqual((await store.stockClaims([orderSn])).get(orderSn)?.held, { coupon: { coupon: 'SPRING' } })

    assert.deepEqual(await store.markReturned([orderSn], 'inventory'), [], 'it was owed once')
    assert.deepEqual(await store.markReturned([orderSn], 'coupon' as 'inventory'), [orderSn])
    assert.deepEqual(await store.markReturned([orderSn], 'coupon' as 'inventory'), [])
    const done = await store.getOrder(orderSn)
    assert.ok(done && isSettled(done))
    assert.equal((await store.findUnsettled(-1, 1_000)).length, 0)
  })

  it('is paid back in any order', async () => {
    const orderSn = await open('{"coupon":{}}')
    await store.voidOrders([{ orderSn, refusal: WHY, keyed: true }])
    await store.markReturned([orderSn], 'coupon' as 'inventory')
    assert.deepEqual(await owedBy(orderSn), ['inventory'])
    await store.markReturned([orderSn], 'inventory')
    assert.deepEqual(await owedBy(orderSn), [])
  })

  it('is nothing of an order that stands, whose stock and coupon are its own', async () => {
    const orderSn = await open('{"coupon":{}}')
    const price = { amount: 100, currency: 'CNY' }
    const lines = [{ goodsId: 1, num: 1, name: 'Tea', image: '/1.png', price }]
    await store.confirmOrders([{ orderSn, total: 100, lines }])
    assert.deepEqual(await owedBy(orderSn), [])
    assert.deepEqual(await store.markReturned([orderSn], 'coupon' as 'inventory'), [])
  })

  it('is what the row says besides, whoever writes it: a release that knows of stock alone, or somebody by hand', async () => {
    const orderSn = await open('{"coupon":{}}')
    // As the statements of the release before write it.
    await sql`update orders set status = 'TRADE_CLOSED', stock_state = 'returning' where order_sn = ${orderSn}`.execute(db)
    assert.deepEqual(await owedBy(orderSn), ['inventory', 'coupon'])
    await sql`update orders set stock_state = 'returned', updated_at = now() where order_sn = ${orderSn}`.execute(db)
    assert.deepEqual(await owedBy(orderSn), ['coupon'])
    await sql`update orders set owed = '{}' where order_sn = ${orderSn}`.execute(db)
    assert.deepEqual(await owedBy(orderSn), ['coupon'])
  })

  it('is known of orders that were in flight when the column came', async () => {
    const older = await connectTestDatabase()
    try {
      for (const up of [orders, orderAudit, unkeyedStock, storeProbe]) await up(older as unknown as Kysely<unknown>)
      for (const [sn, status, stock] of [
        ['A', 'TRADE_CLOSED', 'returning'],
        ['B', 'TRADE_CLOSED', 'returned'],
        ['C', 'CREATING', 'selling'],
      ]) {
        await sql`insert into orders (order_sn, user_id, request_id, fingerprint, status, stock_state, from_cart, workflow_id)
          values (${sn}, 1, ${sn}, 'f', ${status}, ${stock}, false, 'w')`.execute(older)
      }
      await owed(older as unknown as Kysely<unknown>)
      const rows = await older.selectFrom('orders').select(['order_sn', 'owed', 'held']).orderBy('order_sn').execute()
      assert.deepEqual(
        rows.map((row) => [row.order_sn, row.owed, row.held]),
        [
          ['A', ['inventory'], {}],
          ['B', [], {}],
          ['C', [], {}],
        ],
      )
      const unsettled = await orderStore(older).findUnsettled(-1, 10)
      assert.deepEqual(unsettled.map(({ orderSn }) => orderSn).sort(), ['A', 'C'])
    } finally {
      await older.destroy()
    }
  })

  /** An order that holds this besides its stock. @param held JSON */
  async function open(held: string): Promise<string> {
    const lines = [{ goodsId: 1, num: 1 }]
    const request = { userId: ++users, requestId: 'r', address: 'a', name: 'n', mobile: 'm', lines }
    const orderSn = orderSnOf(request)
    await store.openOrders([{ ...request, orderSn, fingerprint: fingerprintOf(request), workflowId: 'w' }])
    await sql`update orders set held = ${held}::jsonb where order_sn = ${orderSn}`.execute(db)
    return orderSn
  }

  async function owedBy(orderSn: string): Promise<string[] | undefined> {
    return (await store.getOrder(orderSn))?.owed
  }
})
