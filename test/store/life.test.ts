import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { failure } from '../../contracts/failures.ts'
import type { PaymentRequest } from '../../contracts/payment.ts'
import type { Database } from '../../store/database.ts'
import { closeDueOrders, closeOrder } from '../../store/life/close-orders.ts'
import { deleteOrder } from '../../store/life/delete-order.ts'
import { finishOrder } from '../../store/life/finish-order.ts'
import { listOrders } from '../../store/life/list-orders.ts'
import { overdue } from '../../store/life/overdue.ts'
import { paymentsOf } from '../../store/life/payments.ts'
import { recordPayment } from '../../store/life/record-payment.ts'
import { markRefunded, refundsOwed } from '../../store/life/refunds.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { confirmIn, openIn } from '../support/placed-order.ts'
import { connectTestStore } from '../support/test-store.ts'

const CNY = (amount: number) => ({ amount, currency: 'CNY' })
const BY = { by: 'a test', why: 'to see' }

describe('the life of an order', () => {
  let db: Database
  let store: OrderStore
  let users = 0
  let payments = 0

  before(async () => {
    db = await connectTestStore({ max: 20 })
    store = orderStore(db)
  })
  after(() => db.destroy())

  it('is paid once: what else arrives owes a refund, until somebody says that it was made', async () => {
    const orderSn = await confirmed()
    const wrong = await recordPayment(db, orderSn, paid(1))
    assert.deepEqual(pick(wrong), ['recorded', 'mismatch', 'owed'])
    assert.equal((await store.getOrder(orderSn))?.status, 'PAYING', 'it goes on waiting')
    const first = paid(300)
    assert.deepEqual(pick(await recordPayment(db, orderSn, first)), ['recorded', 'accepted', 'none'])
    assert.equal((await store.getOrder(orderSn))?.status, 'TRADE_SUCCESS')
    assert.deepEqual(
      pick(await recordPayment(db, orderSn, first)),
      ['recorded', 'accepted', 'none'],
      'a repeat has the same answer',
    )
    const second = paid(300)
    assert.deepEqual(pick(await recordPayment(db, orderSn, second)), ['recorded', 'duplicate', 'owed'])
    assert.equal((await recordPayment(db, orderSn, { ...first, amount: CNY(299) })).kind, 'other')

    const owed = (await refundsOwed(db, { limit: 1_000 })).payments.filter((one) => one.orderSn === orderSn)
    assert.deepEqual(
      owed.map(({ outcome }) => outcome),
      ['mismatch', 'duplicate'],
    )
    assert.equal((await markRefunded(db, { ...second, ...BY })).kind, 'moved')
    assert.equal((await markRefunded(db, { ...second, ...BY })).kind, 'stood')
    assert.equal((await markRefunded(db, { ...first, ...BY })).kind, 'refused', 'an accepted payment owes nothing')
    assert.deepEqual(
      (await paymentsOf(db, [orderSn])).map(({ refund }) => refund),
      ['owed', 'none', 'refunded'],
    )
    assert.deepEqual(await eventsOf(orderSn), [
      ...['order.created', 'payment.refund_owed', 'order.paid', 'payment.refund_owed', 'payment.refunded'],
    ])
  })

  it('lets exactly one of two rivals win, whoever they are', async () => {
    for (let round = 0; round < 20; round++) {
      const orderSn = await confirmed()
      await overdueNow(orderSn)
      const ends = await Promise.all([
        recordPayment(db, orderSn, paid(300)),
        recordPayment(db, orderSn, paid(300)),
        closeOrder(db, { orderSn, ...BY }, 'cancelled'),
        closeDueOrders(db, 0, 100),
        closeDueOrders(db, 0, 100),
      ])
      const order = await store.getOrder(orderSn)
      const accepted = (await paymentsOf(db, [orderSn])).filter(({ outcome }) => outcome === 'accepted')
      const closings = [ends[2].kind === 'moved', ends[3].includes(orderSn), ends[4].includes(orderSn)].filter(Boolean).length
      assert.equal(accepted.length + closings, 1, `${order?.status}`)
      assert.equal(order?.status, accepted.length === 1 ? 'TRADE_SUCCESS' : 'TRADE_CLOSED')
      assert.deepEqual(order?.owed, accepted.length === 1 ? [] : ['inventory'])
      assert.equal(
        (await refundsOwed(db, { limit: 1_000 })).payments.filter((one) => one.orderSn === orderSn).length,
        2 - accepted.length,
      )
    }
  })

  it('records the same report once, however often it comes at the same time', async () => {
    const orderSn = await confirmed()
    const report = paid(300)
    const answers = await Promise.all(Array.from({ length: 10 }, () => recordPayment(db, orderSn, report)))
    assert.equal(answers.filter((one) => one.kind === 'recorded' && one.isNew).length, 1)
    assert.deepEqual(new Set(answers.map((one) => JSON.stringify(pick(one)))), new Set(['["recorded","accepted","none"]']))
    const [rival, other] = [await confirmed(), await confirmed()]
    const same = paid(300)
    const two = await Promise.all([recordPayment(db, rival, same), recordPayment(db, other, same)])
    assert.deepEqual(two.map(({ kind }) => kind).sort(), ['other', 'recorded'], 'one number of a provider pays one order')
  })

  it('records nothing of an order that is not settled, or is none', async () => {
    const orderSn = await opened()
    assert.equal((await recordPayment(db, orderSn, paid(300))).kind, 'unsettled')
    assert.equal((await recordPayment(db, 'A'.repeat(16), paid(300))).kind, 'absent')
    await store.voidOrders([{ orderSn, refusal: failure('OrderTimedOut', 'for a test'), keyed: true }])
    assert.deepEqual(pick(await recordPayment(db, orderSn, paid(300))), ['recorded', 'late', 'owed'])
    assert.deepEqual(await eventsOf(orderSn), ['order.closed', 'payment.refund_owed'])
    const order = await store.getOrder(orderSn)
    assert.equal(order?.closedFor, 'refused')
  })

  it('moves only as its status allows, and a move that is asked for again is answered as the first time', async () => {
    const orderSn = await confirmed()
    assert.equal((await finishOrder(db, { orderSn, ...BY })).kind, 'refused', 'nobody has paid')
    await recordPayment(db, orderSn, paid(300))
    assert.equal((await closeOrder(db, { orderSn, ...BY }, 'cancelled')).kind, 'refused')
    assert.equal((await deleteOrder(db, { orderSn, ...BY })).kind, 'refused')
    assert.equal((await finishOrder(db, { orderSn, ...BY })).kind, 'moved')
    assert.equal((await finishOrder(db, { orderSn, ...BY })).kind, 'stood')
    assert.deepEqual(pick(await recordPayment(db, orderSn, paid(300))), ['recorded', 'duplicate', 'owed'])
    const finished = await store.getOrder(orderSn)
    assert.ok(finished?.paidAt && finished.finishedAt && !finished.closedAt)

    const unpaid = await confirmed()
    assert.equal((await closeOrder(db, { orderSn: unpaid, ...BY }, 'cancelled')).kind, 'moved')
    assert.equal((await closeOrder(db, { orderSn: unpaid, ...BY }, 'cancelled')).kind, 'stood')
    assert.deepEqual(pick(await recordPayment(db, unpaid, paid(300))), ['recorded', 'late', 'owed'])
    assert.equal((await deleteOrder(db, { orderSn: unpaid, ...BY })).kind, 'moved')
    assert.equal((await deleteOrder(db, { orderSn: unpaid, ...BY })).kind, 'stood')
    assert.deepEqual(await eventsOf(unpaid), ['order.created', 'order.closed', 'payment.refund_owed', 'order.deleted'])

    const other = await confirmed()
    assert.equal((await deleteOrder(db, { orderSn: other, ...BY })).kind, 'moved', 'an unpaid order is closed first')
    const deleted = await store.getOrder(other)
    assert.deepEqual([deleted?.status, deleted?.closedFor, deleted?.owed], ['TRADE_CLOSED', 'deleted', ['inventory']])
    assert.deepEqual(await eventsOf(other), ['order.created', 'order.closed', 'order.deleted'])
    assert.equal((await closeOrder(db, { orderSn: 'A'.repeat(16), ...BY }, 'cancelled')).kind, 'absent')
  })

  it('is refused no move that its status allows when we look: another one was made between two looks', async () => {
    const between = (rival: () => Promise<unknown>) => {
      let isOver = false
      return db.withPlugin({
        transformQuery: ({ node }) => node,
        async transformResult({ result }) {
          if (!isOver) {
            isOver = true
            await rival()
          }
          return result
        },
      })
    }
    const finishing = await confirmed()
    const paying = between(() => recordPayment(db, finishing, paid(300)))
    assert.equal((await finishOrder(paying, { orderSn: finishing, ...BY })).kind, 'moved')
    const cancelling = await opened()
    const confirming = between(() => confirm(cancelling))
    assert.equal((await closeOrder(confirming, { orderSn: cancelling, ...BY }, 'cancelled')).kind, 'moved')
    const deleting = await confirmed()
    const closing = between(() => closeOrder(db, { orderSn: deleting, ...BY }, 'cancelled'))
    assert.equal((await deleteOrder(closing, { orderSn: deleting, ...BY })).kind, 'moved')
  })

  it('closes what is due, and nothing before its grace is over', async () => {
    const [due, inGrace, young] = [await confirmed(), await confirmed(), await confirmed()]
    await sql`update orders set pay_deadline = now() - interval '1 minute' where order_sn in (${due}, ${inGrace})`.execute(db)
    await sql`update orders set pay_deadline = now() - interval '10 seconds' where order_sn = ${inGrace}`.execute(db)
    assert.ok((await overdue(db, 30_000)).oldestSeconds >= 29)
    assert.deepEqual(await closeDueOrders(db, 30_000, 100), [due])
    assert.equal((await store.getOrder(due))?.closedFor, 'expired')
    assert.equal((await store.getOrder(inGrace))?.status, 'PAYING')
    assert.equal((await store.getOrder(young))?.status, 'PAYING')
    assert.equal((await overdue(db, 30_000)).oldestSeconds, 0)
  })

  it('leaves closed orders that were confirmed to those who give back, and out of the bound of unsettled ones', async () => {
    const [unconfirmed, cancelled] = [await opened(), await confirmed()]
    await closeOrder(db, { orderSn: cancelled, ...BY }, 'cancelled')
    const unsettled = (await store.findUnsettled(-1, 10_000)).map(({ orderSn }) => orderSn)
    assert.deepEqual([unsettled.includes(unconfirmed), unsettled.includes(cancelled)], [true, false])
    assert.equal(await store.countUnsettled(-1, 10_000), unsettled.length)
    const { orderSns } = await store.findReturning({ keyed: true, idleMs: 0, atMost: 10_000 })
    assert.deepEqual([orderSns.includes(unconfirmed), orderSns.includes(cancelled)], [false, true])
  })

  it('is listed to its user, the youngest first, each once, whatever comes in meanwhile', async () => {
    const userId = ++users
    const sns: string[] = []
    for (let n = 0; n < 7; n++) sns.unshift(await confirmed(userId))
    const seen: string[] = []
    let after: Parameters<typeof listOrders>[1]['after']
    do {
      const page = await listOrders(db, { userId, limit: 3, ...(after && { after }) })
      seen.push(...page.orders.map(({ orderSn }) => orderSn))
      after = page.next
      await confirmed(userId)
    } while (after)
    assert.deepEqual(seen, sns)
    const [last = ''] = sns
    await closeOrder(db, { orderSn: last, ...BY }, 'cancelled')
    assert.deepEqual(
      (await listOrders(db, { userId, status: 'TRADE_CLOSED', limit: 10 })).orders.map((o) => o.orderSn),
      [last],
    )
    await deleteOrder(db, { orderSn: last, ...BY })
    assert.deepEqual((await listOrders(db, { userId, status: 'TRADE_CLOSED', limit: 10 })).orders, [])
  })

  it('has an event for each change, numbered without a gap, of which no one says more of the user than a number', async () => {
    const orderSn = await confirmed()
    await Promise.all([...Array(5)].map(() => recordPayment(db, orderSn, paid(1))))
    const rows = await db.selectFrom('order_events').selectAll().where('aggregateid', '=', orderSn).orderBy('seq').execute()
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6],
    )
    assert.ok(rows.every((row, i) => i === 0 || row.xact >= (rows[i - 1]?.xact ?? 0)))
    const [created] = rows
    const { time, data, ...event } = (created?.payload ?? {}) as { time: string; data: object }
    assert.ok(Math.abs(Date.parse(time) - Date.now()) < 3_600_000)
    assert.deepEqual(event, {
      ...{ specversion: '1.0', id: `${orderSn}/1`, source: '/orders', type: 'order.created', subject: orderSn },
      ...{ datacontenttype: 'application/json', sequence: '0000000001' },
    })
    assert.deepEqual(Object.keys(data).sort(), ['lines', 'orderSn', 'payDeadline', 'status', 'total', 'userId'])
    assert.ok(!JSON.stringify(rows).includes('A. Buyer'))
  })

  function pick(answer: Awaited<ReturnType<typeof recordPayment>>) {
    return answer.kind === 'recorded' ? [answer.kind, answer.payment.outcome, answer.payment.refund] : [answer.kind]
  }

  function paid(amount: number): PaymentRequest {
    return { provider: 'pay', paymentId: `p${++payments}`, amount: CNY(amount), paidAt: new Date().toISOString() }
  }

  async function eventsOf(orderSn: string): Promise<string[]> {
    const rows = await db.selectFrom('order_events').select('type').where('aggregateid', '=', orderSn).orderBy('seq').execute()
    return rows.map(({ type }) => type)
  }

  async function overdueNow(orderSn: string): Promise<void> {
    await sql`update orders set pay_deadline = now() - interval '1 second' where order_sn = ${orderSn}`.execute(db)
  }

  async function opened(userId = ++users): Promise<string> {
    return await openIn(store, userId)
  }

  async function confirmed(userId?: number): Promise<string> {
    const orderSn = await opened(userId)
    await confirm(orderSn)
    return orderSn
  }

  async function confirm(orderSn: string): Promise<void> {
    await confirmIn(store, orderSn)
  }
})
