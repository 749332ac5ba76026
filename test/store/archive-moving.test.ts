import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { archiveBatch } from '../../store/archive/archive-batch.ts'
import { ordersStay } from '../../store/archive/orders-stay.ts'
import type { Database } from '../../store/database.ts'
import { putOrders } from '../../store/imported/put-orders.ts'
import type { OpenIntent } from '../../store/open-orders.ts'
import { addDataKey } from '../../store/recipients/data-keys.ts'
import { eraseRecipients } from '../../store/recipients/erase-recipients.ts'
import { sealRows } from '../../store/recipients/seal-rows.ts'
import { reconciliationStore } from '../../store/reconciliation-store.ts'
import { BY, OLD_MS, OrdersToArchive } from './orders-to-archive.ts'
import { againstRival } from './rivals.ts'

const IMPORTED_AS = { timezone: 'UTC', currency: 'CNY' }

describe('orders, while a batch moves them into the archive', () => {
  let orders: OrdersToArchive

  before(async () => {
    orders = await OrdersToArchive.open()
  })
  after(() => orders.close())
  // Nothing that one test leaves is archived by the next.
  afterEach(() => orders.archive())

  it('are in one table for whoever looks, in none never and in both never, and open nothing a second time', async () => {
    const { orderSn, ...intent } = await orders.closed()
    await orders.aged(orderSn)
    await orders.db.transaction().execute(async (trx) => {
      assert.equal(await archiveBatch(trx, OLD_MS, 100), 1)
      assert.deepEqual([await orders.tablesOf(orderSn), await orders.tablesOf(orderSn, trx)], [['orders'], ['orders_archive']])
      const [repeat] = await orders.store.openOrders([{ ...intent, orderSn }])
      assert.deepEqual([repeat?.inserted, repeat?.order.status], [false, 'TRADE_CLOSED'])
    })
    assert.deepEqual(await orders.tablesOf(orderSn), ['orders_archive'])
  })

  it('open nothing a second time for a statement that began before it, and goes on behind it', async () => {
    const known = await orders.closed()
    await orders.aged(known.orderSn)
    const fromCart = await orders.intentOfCart()
    const opened = await againstRival(orders.db, {
      rival: (trx) => sql`select 1 from cart_items where user_id = ${fromCart.userId} for update`.execute(trx),
      ours: () => orders.store.openOrders([known, fromCart]),
      meanwhile: async () => assert.equal(await archiveBatch(orders.operator, OLD_MS, 100), 1),
    })
    assert.deepEqual(
      opened.map(({ inserted, order }) => [inserted, order.status]),
      [
        [false, 'TRADE_CLOSED'],
        [true, 'CREATING'],
      ],
    )
    assert.deepEqual(await orders.tablesOf(known.orderSn), ['orders_archive'])
  })

  // What sessions of another account wait for, the owner alone is shown.
  const moving = (trx: Database) => archiveBatch(trx, OLD_MS, 100)

  it('are paid too late by whoever waits for it', async () => {
    const { orderSn } = await old(orders.closed())
    const paid = await againstRival(orders.db, {
      rival: moving,
      ours: () => orders.store.recordPayment(orderSn, orders.payment()),
    })
    assert.equal(paid.kind === 'recorded' && paid.payment.outcome, 'late')
  })

  it('are hidden by whoever waits for it', async () => {
    const { orderSn } = await old(orders.closed())
    const hid = await againstRival(orders.db, { rival: moving, ours: () => orders.store.deleteOrder({ orderSn, ...BY }) })
    assert.equal(hid.kind, 'moved')
  })

  it('are made to owe a Reback by whoever waits for it', async () => {
    const { orderSn } = await old(orders.closed())
    const reconciliation = reconciliationStore(orders.operator)
    const owes = await againstRival(orders.owner, { rival: moving, ours: () => reconciliation.oweReback({ orderSn, ...BY }) })
    assert.equal(owes, true)
    await orders.store.markReturned([orderSn])
  })

  it('are erased by whoever waits for it', async () => {
    const { userId, orderSn } = await old(orders.finished())
    const erased = await againstRival(orders.owner, {
      rival: moving,
      ours: () => eraseRecipients(orders.operator, { userId, ...BY }),
    })
    assert.deepEqual([erased, await orders.recipientOf(orderSn)], [{ kind: 'erased', inClear: 1 }, ''])
  })

  it('are sealed by whoever waits for it', async () => {
    const { userId, orderSn } = await old(orders.finished())
    const id = randomUUID()
    await addDataKey(orders.db, { userId, id, wrapped: Buffer.from('k'), kek: 'k1' })
    const sealed = `s1.${id}.${'a'.repeat(40)}`
    assert.equal(
      await againstRival(orders.owner, { rival: moving, ours: () => sealRows(orders.operator, [{ orderSn, sealed }]) }),
      1,
    )
    assert.equal(await orders.recipientOf(orderSn), '')
  })

  it('are imported no second time', async () => {
    const order = orders.imported()
    await putOrders(orders.owner, [order], IMPORTED_AS)
    const changed = { ...order, name: 'B. Buyer' }
    const again = await againstRival(orders.owner, { rival: moving, ours: () => putOrders(orders.owner, [changed], IMPORTED_AS) })
    assert.equal(again.get(order.orderSn), 'again')
    assert.deepEqual(await orders.tablesOf(order.orderSn), ['orders'])
  })

  it('stay where they are while somebody holds them, or asks for it, and nobody waits', async () => {
    const { orderSn } = await orders.closed()
    await orders.aged(orderSn)
    await orders.db.transaction().execute(async (trx) => {
      await sql`select 1 from orders where order_sn = ${orderSn} for update`.execute(trx)
      assert.equal(await orders.archive(), 0)
    })
    await orders.db.transaction().execute(async (trx) => {
      await ordersStay(trx)
      assert.equal(await archiveBatch(orders.db, OLD_MS, 100), undefined)
    })
    assert.equal(await orders.archive(), 1)
  })

  async function old(order: Promise<OpenIntent>): Promise<OpenIntent> {
    const one = await order
    await orders.aged(one.orderSn)
    return one
  }
})
