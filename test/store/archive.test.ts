import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { archivableAge } from '../../store/archive/archivable-age.ts'
import { archiveBatch } from '../../store/archive/archive-batch.ts'
import { archiveOldOrders } from '../../store/archive/archive-old-orders.ts'
import { eraseRecipients } from '../../store/recipients/erase-recipients.ts'
import { recipientsInClear } from '../../store/recipients/seal-rows.ts'
import { reconciliationStore } from '../../store/reconciliation-store.ts'
import { confirmIn } from '../support/placed-order.ts'
import { BY, DAY_MS, GONE, OLD_MS, OrdersToArchive } from './orders-to-archive.ts'

/** Every statement here is sent with the rights of starters and workers, unless it is an operator's. */
describe('archived orders', () => {
  let orders: OrdersToArchive

  before(async () => {
    orders = await OrdersToArchive.open()
  })
  after(() => orders.close())
  // Nothing that one test leaves is archived by the next.
  afterEach(() => orders.archive())

  describe('are those that are over and owe nothing', () => {
    it('finished, expired and cancelled and refused ones, with all that belongs to them', async () => {
      const over = [await orders.finished(), await orders.closed(), await orders.refused()].map(({ orderSn }) => orderSn)
      await orders.aged(...over)
      assert.equal(await orders.archive(), 3)
      for (const orderSn of over) assert.deepEqual(await orders.tablesOf(orderSn), ['orders_archive'])
      for (const table of ['order_lines', 'payments', 'order_audit']) {
        const { rows } = await sql`select 1 from only ${sql.id(table)} where order_sn = any(${over}::text[])`.execute(orders.db)
        assert.deepEqual(rows, [], table)
      }
      assert.equal(await orders.archive(), 0)
    })

    it('but none that is open, paid, owing, in doubt, young, or whose buyer is to be given money back', async () => {
      const unpaid = await orders.confirmed()
      const paid = await orders.confirmed()
      await orders.store.recordPayment(paid.orderSn, orders.payment())
      const creating = await orders.opened()
      const owing = await orders.confirmed()
      await orders.store.closeOrder({ orderSn: owing.orderSn, ...BY }, 'cancelled')
      const doubtful = await orders.opened()
      await sql`update orders set status = 'IN_DOUBT', stock_state = 'in_doubt' where order_sn = ${doubtful.orderSn}`.execute(
        orders.db,
      )
      const late = await orders.closed()
      const money = orders.payment()
      await orders.store.recordPayment(late.orderSn, money)
      const stay = [unpaid, paid, creating, owing, doubtful, late].map(({ orderSn }) => orderSn)
      await orders.aged(...stay)
      const young = await orders.finished()
      assert.equal(await orders.archive(), 0)
      for (const orderSn of [...stay, young.orderSn]) assert.deepEqual(await orders.tablesOf(orderSn), ['orders'])
      assert.equal(await archivableAge(orders.db, OLD_MS), 0)

      await orders.store.markRefunded({ ...money, ...BY })
      await orders.store.markReturned([owing.orderSn])
      await orders.aged(owing.orderSn)
      assert.ok(Math.abs((await archivableAge(orders.db, OLD_MS)) - DAY_MS / 1_000) < 3_600)
      assert.equal(await orders.archive(), 2)
    })

    it('the longest unchanged first, in batches with rests between, until none is left', async () => {
      const five = await Promise.all(Array.from({ length: 5 }, () => orders.refused()))
      await orders.aged(...five.map(({ orderSn }) => orderSn))
      const oldest = five[3]?.orderSn ?? ''
      await sql`update orders set updated_at = updated_at - interval '1 day' where order_sn = ${oldest}`.execute(orders.db)
      assert.equal(await archiveBatch(orders.db, OLD_MS, 1), 1)
      assert.deepEqual(await orders.tablesOf(oldest), ['orders_archive'])
      const batches: number[] = []
      const archiving = { olderThanMs: OLD_MS, share: 50, onBatch: (moved: number) => batches.push(moved) }
      assert.deepEqual(await archiveOldOrders(orders.db, archiving), { archived: 4, more: false })
      assert.deepEqual(batches, [4])
      assert.deepEqual(await archiveOldOrders(orders.db, { ...archiving, forMs: 0 }), { archived: 0, more: false })
    })

    it('moved for a share of the time alone: after a batch the store rests for as long as that says', async () => {
      await sql`
        insert into orders (order_sn, user_id, request_id, fingerprint, status, stock_state, from_cart, workflow_id, updated_at)
        select translate(lpad(to_hex(n), 16, 'Z'), '0123456789abcdef', 'ABCDEFGHIJKLMNOP'), 5000000 + n, 'r', '', 'TRADE_CLOSED', 'none', false, 'w',
          now() - interval '1 year'
        from generate_series(1, 201) n`.execute(orders.db)
      const ends = [performance.now()]
      const archiving = { olderThanMs: OLD_MS, share: 10, onBatch: () => ends.push(performance.now()) }
      assert.deepEqual(await archiveOldOrders(orders.db, archiving), { archived: 201, more: false })
      const [begun = 0, first = 0, second = 0] = ends
      assert.ok(second - first > 5 * (first - begun), `a batch of ${first - begun} ms, the next ${second - first} ms later`)
    })

    it('moved by an operator as well, and by nobody else who may read orders', async () => {
      const { orderSn } = await orders.refused()
      await orders.aged(orderSn)
      assert.equal(await archiveBatch(orders.operator, OLD_MS, 10), 1)
      await sql`drop role if exists reads_orders`.execute(orders.owner)
      await sql`create role reads_orders`.execute(orders.owner)
      await orders.owner.connection().execute(async (session) => {
        await sql`set role reads_orders`.execute(session)
        await assert.rejects(archiveBatch(session, OLD_MS, 10), /permission denied/)
        await sql`reset role`.execute(session)
      })
      await sql`drop role reads_orders`.execute(orders.owner)
    })
  })

  it('are answered, listed, read and compared with the inventory as before', async () => {
    const intents = [await orders.finished(), await orders.closed(), await orders.refused(), await orders.hidden()]
    const userIds = intents.map(({ userId }) => userId)
    const orderSns = intents.map(({ orderSn }) => orderSn)
    await orders.aged(...orderSns)
    const answers = async () => ({
      repeats: await orders.store.openOrders(intents.map((intent) => ({ ...intent, workflowId: 'another' }))),
      orders: await orders.store.getOrders(orderSns),
      byId: await Promise.all([...(await orders.store.orderIds(orderSns)).values()].map((id) => orders.store.getOrderById(id))),
      recorded: (await orders.store.recordedOrders(orderSns)).sort(),
      claims: await orders.store.stockClaims(orderSns),
      lists: await Promise.all(userIds.map((userId) => orders.store.listOrders({ userId, limit: 10 }))),
      slips: await Promise.all(userIds.map((userId) => orders.store.listSlips({ userId, page: 0, pageSize: 10 }))),
      bySn: await Promise.all(orderSns.map((orderSn) => orders.store.orderSlip({ kind: 'number', orderSn }))),
      lines: await Promise.all(orderSns.map((orderSn) => orders.store.slipLines({ orderSn }))),
      payments: await orders.store.paymentsOf(orderSns),
      audit: await Promise.all(orderSns.map((orderSn) => orders.store.readAudit(orderSn))),
      restored: await Promise.all(intents.map((intent) => orders.store.restoreOrder(intent, intent.lines ?? []))),
      confirmed: await orders.store.confirmOrders(intents.map(({ orderSn }) => ({ orderSn, total: 300, lines: [] }))),
      voided: await orders.store.voidOrders(
        intents.map(({ orderSn, fingerprint, ...request }) => ({
          orderSn,
          refusal: GONE,
          request: { ...request, fingerprint },
        })),
      ),
      holdings: (await Promise.all(orderSns.map((orderSn) => reconciliationStore(orders.db).holding(orderSn)))).map((one) => ({
        ...one,
        idleMs: 0,
      })),
      pieces: (await reconciliationStore(orders.db).piecesByGoods()).get(1),
    })
    const before = await answers()
    assert.ok(before.repeats.every(({ inserted }) => !inserted))
    assert.equal(await orders.archive(), 4)
    assert.deepEqual(await answers(), before)
  })

  it('keep the natural keys of carts that they had', async () => {
    const intent = await orders.intentOfCart()
    const [requestId = ''] = await orders.store.naturalKeys([intent])
    const order = { ...intent, requestId, orderSn: orderSnOf({ ...intent, requestId }) }
    await orders.store.openOrders([order])
    await confirmIn(orders.store, order.orderSn)
    await orders.finish(order.orderSn)
    await orders.aged(order.orderSn)
    assert.equal(await orders.archive(), 1)
    assert.deepEqual(await orders.store.naturalKeys([intent]), [requestId], 'a click once more is the same order')
  })

  it('are paid too late like any closed order, and a payment that was archived is reported again in vain', async () => {
    const [done, shut] = [await orders.finished(), await orders.closed()]
    const [known] = await orders.store.paymentsOf([done.orderSn])
    assert.ok(known)
    await orders.aged(done.orderSn, shut.orderSn)
    assert.equal(await orders.archive(), 2)
    const repeated = await orders.store.recordPayment(done.orderSn, known)
    assert.deepEqual([repeated.kind, repeated.kind === 'recorded' && repeated.isNew], ['recorded', false])
    assert.equal((await orders.store.recordPayment(shut.orderSn, known)).kind, 'other')
    assert.equal((await orders.store.paymentsOf([done.orderSn])).length, 1)

    for (const [{ orderSn }, outcome] of [
      [done, 'duplicate'],
      [shut, 'late'],
    ] as const) {
      const money = orders.payment()
      const recorded = await orders.store.recordPayment(orderSn, money)
      assert.equal(recorded.kind === 'recorded' && recorded.payment.outcome, outcome)
      assert.ok(
        (await orders.store.refundsOwed({ limit: 1_000 })).payments.some(({ paymentId }) => paymentId === money.paymentId),
      )
      assert.equal((await orders.store.markRefunded({ ...money, ...BY })).kind, 'moved')
      assert.deepEqual((await orders.eventsOf(orderSn)).slice(-2), ['payment.refund_owed', 'payment.refunded'])
    }
  })

  it('are hidden by their owners, and owe a Reback if it turns out that they do', async () => {
    const { orderSn, userId } = await orders.closed()
    await orders.aged(orderSn)
    assert.equal(await orders.archive(), 1)
    assert.equal((await orders.store.deleteOrder({ orderSn, ...BY })).kind, 'moved')
    assert.deepEqual((await orders.store.listOrders({ userId, limit: 10 })).orders, [])
    assert.deepEqual((await orders.eventsOf(orderSn)).slice(-1), ['order.deleted'])

    assert.equal(await reconciliationStore(orders.operator).oweReback({ orderSn, ...BY }), true)
    assert.deepEqual((await orders.store.getOrder(orderSn))?.owed, ['inventory'])
    assert.deepEqual((await orders.store.findReturning({ keyed: true, idleMs: 0, atMost: 10 })).orderSns, [orderSn])
    assert.deepEqual(
      (await orders.store.troubledOrders(0, { limit: 10 })).orders.filter((one) => one.orderSn === orderSn).length,
      1,
    )
    assert.equal((await orders.store.inCompensation()).orders > 0, true)
    assert.deepEqual(await orders.store.markReturned([orderSn]), [orderSn])
    assert.deepEqual(await orders.tablesOf(orderSn), ['orders_archive'])
  })

  it('forget their recipients in time, are found by the sealing, and are erased with the others of their user', async () => {
    const [forgotten, kept] = [await orders.finished(), await orders.finished()]
    await orders.aged(forgotten.orderSn, kept.orderSn)
    await sql`update orders set finished_at = finished_at - interval '100 days' where order_sn = ${forgotten.orderSn}`.execute(
      orders.db,
    )
    assert.equal(await orders.archive(), 2)
    assert.equal(await orders.store.forgetRecipients(90 * DAY_MS, 100), 1)
    assert.deepEqual([await orders.recipientOf(forgotten.orderSn), await orders.recipientOf(kept.orderSn)], ['', '1 Road'])
    const inClear = await recipientsInClear(orders.operator, { after: '', atMost: 1_000 })
    assert.ok(inClear.orders.some(({ orderSn }) => orderSn === kept.orderSn))
    assert.deepEqual(await eraseRecipients(orders.operator, { userId: kept.userId, ...BY }), { kind: 'erased', inClear: 1 })
    assert.equal(await orders.recipientOf(kept.orderSn), '')
  })

  it('have every index, check, trigger and column of orders that they can need', async () => {
    // Those of orders that are not over, and what makes a row one of an order that is.
    const needless =
      /one_creating_per_user|orders_due|orders_unpaid|orders_archivable|of_insert|orders_forget|payments_one_accepted|refund_owed|payments_known|payments_event|order_lines_archive_order_sn_fkey/
    for (const table of ['orders', 'order_lines', 'payments', 'order_audit']) {
      const archived = `${table}_archive`
      assert.deepEqual(await columnsOf(archived), await columnsOf(table))
      const [wanted, there] = [await extrasOf(table), await extrasOf(archived)]
      assert.deepEqual(
        wanted.filter((one) => !needless.test(one) && !there.includes(one)),
        [],
        table,
      )
    }
  })

  async function columnsOf(table: string) {
    const { rows } = await sql`
      select attname, atttypid::regtype::text, attstattarget, attcollation::regcollation::text from pg_attribute
      where attrelid = ${table}::regclass and attnum > 0 and not attisdropped order by attnum`.execute(orders.owner)
    return rows
  }

  /** Definitions of indexes, checks and triggers of a table, without its own name. */
  async function extrasOf(table: string): Promise<string[]> {
    const { rows } = await sql<{ text: string }>`
      select pg_get_indexdef(indexrelid) as text from pg_index where indrelid = ${table}::regclass
      union all select conname || ' ' || pg_get_constraintdef(oid) from pg_constraint where conrelid = ${table}::regclass and contype = 'c'
      union all select pg_get_triggerdef(oid) from pg_trigger where tgrelid = ${table}::regclass and not tgisinternal`.execute(
      orders.owner,
    )
    return rows.map(({ text }) =>
      text.replaceAll('_archive', '').replace('INSERT OR UPDATE', 'UPDATE').replace('_request_key', '_request'),
    )
  }
})
