import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { fillOriginal } from '../../bench/import/original-tables.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import type { Database } from '../../store/database.ts'
import { findImported } from '../../store/imported/find-imported.ts'
import { closeDueOrders } from '../../store/life/close-orders.ts'
import { recordPayment } from '../../store/life/record-payment.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { readOrders } from '../../store/order-rows.ts'
import { canTestMariadb } from '../support/mariadb.ts'
import { connectTestDatabase } from '../support/postgres.ts'
import { everything } from './everything.ts'
import { imported } from './imported.ts'
import { Joyshop } from './joyshop.ts'

describe('the import', () => {
  let shop: Joyshop
  let db: Database

  before(function () {
    if (!canTestMariadb()) this.skip()
  })

  beforeEach(async () => {
    shop = await Joyshop.open()
    db = await connectTestDatabase()
    await migrate(db)
  })

  afterEach(async () => {
    await shop?.close()
    await db?.destroy()
  })

  const snOf = (id: number, userId = 7) => orderSnOf({ userId, requestId: `joyshop_order/order_info/${id}` })
  const orders = async () => (await sql<Record<string, unknown>>`select * from orders order by id`.execute(db)).rows
  const order = async (id: number) => (await orders()).find((row) => row.id === id) ?? assert.fail(`order ${id} is not here`)

  it('takes an open order as it stands, by its id, and without an event', async () => {
    await shop.order({ id: 5, order_mount: 59.97 }, [{ nums: 3 }])
    await imported(shop.url, db, { timezone: 'Asia/Shanghai' })
    const row = await order(5)
    assert.deepEqual(
      [row.order_sn, row.imported_sn, row.status, row.stock_state, row.keyed, row.total, row.currency, row.name],
      [snOf(5), '20261101100000000700005', 'PAYING', 'sold', false, 5_997, 'CNY', 'A. Buyer'],
    )
    assert.deepEqual(row.pay_deadline, new Date('2026-11-01T02:30:00.000Z'))
    assert.deepEqual(row.lines, [{ goodsId: 421, num: 3 }])
    const { rows: lines } = await sql`select id, goods_id, name, price, num from order_lines`.execute(db)
    assert.deepEqual(lines, [{ id: 50, goods_id: 421, name: 'Tea', price: 1_999, num: 3 }])
    assert.deepEqual((await sql`select 1 from order_events`.execute(db)).rows, [])
    assert.equal(row.event_seq, 0)
  })

  it('gives an order whose deadline is missing half an hour from its creation', async () => {
    await shop.order({ id: 5, pay_deadline: null })
    await imported(shop.url, db)
    assert.deepEqual((await order(5)).pay_deadline, new Date('2026-11-01T10:30:00.000Z'))
  })

  it('finds an order by its number there; of several the one with the lowest id', async () => {
    await shop.order({ id: 6, order_sn: 'SAME' })
    await shop.order({ id: 5, order_sn: 'SAME' })
    const report = await imported(shop.url, db)
    assert.equal(await findImported(db, 'SAME'), snOf(5))
    assert.equal(await findImported(db, ''), undefined)
    assert.deepEqual(report.idsOf('number-shared'), [5, 6])
  })

  it('lets an open order be paid here, which is its first event', async () => {
    await shop.order({ id: 5 })
    await imported(shop.url, db)
    const amount = { amount: 1_999, currency: 'CNY' }
    const paid = await recordPayment(db, snOf(5), { provider: 'alipay', paymentId: 'T1', amount, paidAt: '2026-11-01T10:10:00Z' })
    assert.equal(paid.kind === 'recorded' && paid.payment.outcome, 'accepted')
    const { rows } = await sql`select type, seq from order_events`.execute(db)
    assert.deepEqual(rows, [{ type: 'order.paid', seq: 1 }])
  })

  it('closes an open order at its deadline: it owes what it holds', async () => {
    await shop.order({ id: 5 })
    await imported(shop.url, db)
    assert.deepEqual(await closeDueOrders(db, 0, 10), [snOf(5)])
    const row = await order(5)
    assert.deepEqual([row.status, row.stock_state, row.owed, row.keyed], ['TRADE_CLOSED', 'returning', ['inventory'], false])
  })

  it('takes a paid order with its payment, so that the same notification again owes no refund', async () => {
    await shop.order({ id: 5, status: 'TRADE_SUCCESS', trade_no: 'T-5', pay_time: '2026-11-01 10:04:00.000' })
    await imported(shop.url, db)
    const amount = { amount: 1_999, currency: 'CNY' }
    const again = await recordPayment(db, snOf(5), {
      provider: 'alipay',
      paymentId: 'T-5',
      amount,
      paidAt: '2026-11-01T10:10:00Z',
    })
    assert.deepEqual(again.kind === 'recorded' && [again.isNew, again.payment.outcome], [false, 'accepted'])
    assert.deepEqual((await order(5)).paid_at, new Date('2026-11-01T10:04:00.000Z'))
  })

  it('takes each payment, also those that share a number', async () => {
    for (const id of [5, 6, 7])
      await shop.order({ id, status: 'TRADE_SUCCESS', trade_no: id === 7 ? 't-5' : 'T-5', pay_time: '2026-11-01 10:04:00.000' })
    const report = await imported(shop.url, db)
    const { rows } = await sql<{
      payment_id: string
    }>`select payment_id from payments order by order_sn = ${snOf(6)}, payment_id collate "C"`.execute(db)
    assert.deepEqual(
      rows.map(({ payment_id }) => payment_id),
      ['T-5', 't-5', 'order-6'],
    )
    assert.deepEqual(report.idsOf('trade-no-shared'), [6])
  })

  it('may run twice at once', async () => {
    await fillOriginal(shop.connection, 5_000)
    await Promise.all([imported(shop.url, db), imported(shop.url, db)])
    assert.equal((await orders()).length, 5_000)
  })

  it('takes a closed order as one that still holds its stock, and owes nothing until somebody says so', async () => {
    await shop.order({ id: 5, status: 'TRADE_CLOSED' })
    await imported(shop.url, db)
    const row = await order(5)
    assert.deepEqual([row.status, row.stock_state, row.owed, row.closed_for], ['TRADE_CLOSED', 'sold', [], 'cancelled'])
    assert.deepEqual(row.closed_at, new Date('2026-11-01T10:05:00.000Z'))
  })

  it('gives ids above those of the source to what is placed here', async () => {
    await shop.order({ id: 500 })
    await shop.cartRow({ id: 900 })
    await imported(shop.url, db)
    const { rows } =
      await sql`select nextval('orders_id_seq') as o, nextval('order_lines_id_seq') as l, nextval('cart_items_id_seq') as c`.execute(
        db,
      )
    assert.deepEqual(rows, [{ o: 501, l: 5_001, c: 901 }])
  })

  it('takes the total that the lines add up to, which a float only comes near', async () => {
    // 19.99 as a float32, times three, added up as float32: 59.97 is another float.
    const float = Math.fround(Math.fround(19.99) * 3)
    await shop.order({ id: 5, order_mount: float }, [{ nums: 3 }])
    // 200,000.01 has no float32 of its own: only its lines say it.
    await shop.order({ id: 6, order_mount: Math.fround(200_000.01) }, [
      { goods_price: 99_999.99, nums: 2 },
      { goods: 422, goods_price: 0.03, nums: 1 },
    ])
    await shop.order({ id: 7, order_mount: 15 })
    const report = await imported(shop.url, db)
    assert.deepEqual([(await order(5)).total, (await order(6)).total, (await order(7)).total], [5_997, 20_000_001, 1_500])
    assert.deepEqual(report.idsOf('total-other'), [7])
  })

  it('changes nothing when it is repeated, whatever happened here meanwhile', async () => {
    await shop.order({ id: 5 })
    await shop.order({ id: 6, status: 'TRADE_SUCCESS' })
    await shop.cartRow()
    await imported(shop.url, db)
    await closeDueOrders(db, 0, 10)
    await sql`delete from cart_items`.execute(db)
    const before = await everything(db)
    const report = await imported(shop.url, db)
    assert.deepEqual(await everything(db), before)
    assert.deepEqual(report.orders, { new: 0, again: 0, same: 2, leftOut: 0 })
  })

  it('takes an order anew that was changed there, unless it has moved here', async () => {
    await shop.order({ id: 5 })
    await shop.order({ id: 6 })
    await imported(shop.url, db)
    const amount = { amount: 1_999, currency: 'CNY' }
    await recordPayment(db, snOf(6), { provider: 'alipay', paymentId: 'T1', amount, paidAt: '2026-11-01T10:10:00Z' })
    await shop.connection.query("update order_info set status = 'TRADE_CLOSED'")
    const report = await imported(shop.url, db)
    assert.deepEqual([(await order(5)).status, (await order(6)).status], ['TRADE_CLOSED', 'TRADE_SUCCESS'])
    assert.deepEqual(report.idsOf('moved-here'), [6])
    assert.equal(report.orders.again, 1)
  })

  it('leaves an order out whose id one has that was placed here', async () => {
    await sql`
      insert into orders (id, order_sn, user_id, request_id, fingerprint, status, stock_state, from_cart, workflow_id)
      values (5, 'AAAAAAAAAAAAAAAA', 1, 'x', 'f', 'TRADE_CLOSED', 'none', false, 'w')`.execute(db)
    await shop.order({ id: 5 })
    await shop.order({ id: 6 })
    const report = await imported(shop.url, db)
    assert.deepEqual(report.idsOf('id-taken'), [5])
    assert.equal((await order(6)).status, 'PAYING')
  })

  it('does nothing in a dry run, and says what it would do', async () => {
    await shop.order({ id: 5 })
    await shop.order({ id: 6, status: 'LOST' })
    await shop.cartRow()
    const before = await everything(db)
    const report = await imported(shop.url, db, { dryRun: true })
    assert.deepEqual(await everything(db), before)
    assert.deepEqual([report.orders.new, report.carts.new], [1, 1])
    assert.deepEqual(report.idsOf('unknown-status'), [6])
    assert.match(
      report.text({ dryRun: true }),
      /orders: 1 would be imported.*\n.*\n\nLeft out:\n {2}unknown-status: 1 order: .*\n {4}6/,
    )
  })

  it('merges cart rows, keeps their ids, and follows the source until the user changes the cart here', async () => {
    await shop.cartRow({ id: 3, nums: 2, checked: 0 })
    await shop.cartRow({ id: 4, nums: 3, checked: 1 })
    await shop.cartRow({ id: 5, goods: 422, deleted_at: '2026-11-01 10:00:00' })
    const report = await imported(shop.url, db)
    const cart = async () =>
      (await sql`select id, user_id, goods_id, num, checked, price from cart_items order by id`.execute(db)).rows
    assert.deepEqual(await cart(), [{ id: 3, user_id: 7, goods_id: 421, num: 5, checked: true, price: 1_999 }])
    assert.deepEqual([report.idsOf('cart-merged'), report.idsOf('cart-deleted')], [[4], [5]])
    await shop.connection.query('update shopping_cart set deleted_at = now()')
    await imported(shop.url, db)
    assert.deepEqual(await cart(), [])
    await shop.connection.query('update shopping_cart set deleted_at = null')
    await imported(shop.url, db)
    await sql`update cart_items set num = 1 where goods_id = 421`.execute(db)
    const left = await imported(shop.url, db)
    assert.deepEqual(left.idsOf('cart-moved-here'), [3, 5])
    assert.equal((await cart()).length, 2)
  })

  it('reads databases that lack the columns which came later', async () => {
    await shop.connection.query('alter table order_info drop column pay_deadline')
    await shop.connection.query(
      'alter table shopping_cart drop column goods_price, drop column goods_name, drop column goods_image',
    )
    await shop.insert('order_info', {
      id: 5,
      user: 7,
      order_sn: 'X',
      status: 'PAYING',
      order_mount: 19.99,
      created_at: '2026-11-01 10:00:00',
    })
    await shop.insert('order_goods', { id: 50, order: 5, goods: 421, goods_price: 19.99, nums: 1 })
    await shop.insert('shopping_cart', { id: 1, user: 7, goods: 421, nums: 1 })
    await imported(shop.url, db)
    assert.deepEqual((await order(5)).pay_deadline, new Date('2026-11-01T10:30:00.000Z'))
    assert.deepEqual((await readOrders(db, [snOf(5)])).get(snOf(5))?.order.total, { amount: 1_999, currency: 'CNY' })
  })
})
