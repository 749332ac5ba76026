import assert from 'node:assert/strict'
import { OrderReads } from '../../api/order-reads.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { confirmIn, openIn } from '../support/placed-order.ts'
import { connectTestStore } from '../support/test-store.ts'
import { appOf } from './parts.ts'

type App = Awaited<ReturnType<typeof appOf>>['app']

describe('the life of an order over HTTP', () => {
  let db: Database
  let store: OrderStore
  let app: App
  let numbers = 0
  const givenBack: string[] = []
  const counted: string[] = []

  before(async () => {
    db = await connectTestStore()
    store = orderStore(db)
    const reads = new OrderReads(store)
    ;({ app } = await appOf({
      orders: store,
      reads,
      lists: store,
      life: store,
      giveBack: { add: (orderSn) => givenBack.push(orderSn) },
      onTransition: (to) => counted.push(to),
      onPayment: (outcome) => counted.push(outcome),
    }))
  })
  after(() => db.destroy())
  beforeEach(() => {
    givenBack.length = 0
    counted.length = 0
  })

  it('is paid, and finished: each report and each move has the same answer as often as it comes', async () => {
    const orderSn = await confirmed()
    const report = payment(300)
    const [first, again] = [await pay(orderSn, report), await pay(orderSn, report)]
    assert.equal(first.statusCode, 201)
    assert.deepEqual(again.json(), first.json())
    const { receivedAt, ...paid } = first.json()
    assert.ok(Date.parse(receivedAt) > 0)
    assert.deepEqual(paid, { ...report, paidAt: '2030-01-01T00:12:30.000Z', outcome: 'accepted', refund: 'none' })
    const seen = await look(orderSn)
    assert.equal(seen.status, 'TRADE_SUCCESS')
    assert.ok(seen.paidAt && seen.createdAt)
    assert.deepEqual(seen.payments, [first.json()])

    const cancelled = await post(`/orders/${orderSn}/cancel`)
    assert.deepEqual([cancelled.statusCode, cancelled.json().failure], [409, 'OrderPaid'])
    const deleted = await app.inject({ method: 'DELETE', url: `/orders/${orderSn}` })
    assert.deepEqual([deleted.statusCode, deleted.json().failure], [409, 'OrderPaid'])
    for (let time = 0; time < 2; time++) {
      const finished = await post(`/orders/${orderSn}/finish`)
      assert.deepEqual([finished.statusCode, finished.json().status], [200, 'TRADE_FINISHED'])
    }
    assert.deepEqual(counted, ['accepted', 'TRADE_SUCCESS', 'TRADE_FINISHED'])
    assert.deepEqual(givenBack, [])
  })

  it('records each payment that it does not accept, and says what it came to', async () => {
    const orderSn = await confirmed()
    const wrong = await pay(orderSn, payment(301))
    assert.deepEqual([wrong.statusCode, wrong.json().failure], [422, 'PaymentMismatch'])
    assert.equal(wrong.json().payment.refund, 'owed')
    const dollars = await pay(orderSn, { ...payment(300), amount: { amount: 300, currency: 'USD' } })
    assert.equal(dollars.json().failure, 'PaymentMismatch')
    const good = payment(300)
    assert.equal((await pay(orderSn, good)).statusCode, 201)
    const second = await pay(orderSn, payment(300))
    assert.deepEqual(
      [second.statusCode, second.json().failure, second.json().payment.outcome],
      [409, 'PaymentDuplicate', 'duplicate'],
    )
    const reused = await pay(await confirmed(), good)
    assert.deepEqual([reused.statusCode, reused.json().failure], [422, 'PaymentReused'])

    const closed = await confirmed()
    assert.equal((await post(`/orders/${closed}/cancel`)).statusCode, 200)
    const late = await pay(closed, payment(300))
    assert.deepEqual([late.statusCode, late.json().failure, late.json().payment.refund], [409, 'PaymentLate', 'owed'])
    assert.deepEqual(
      counted.filter((one) => one !== 'TRADE_SUCCESS' && one !== 'TRADE_CLOSED'),
      [...['mismatch', 'mismatch', 'accepted', 'duplicate', 'late']],
    )
    const { payments } = await look(orderSn)
    assert.deepEqual(
      payments.map(({ outcome }: { outcome: string }) => outcome),
      ['mismatch', 'mismatch', 'accepted', 'duplicate'],
    )
  })

  it('is cancelled as long as it is not paid, and what it holds goes back', async () => {
    const orderSn = await confirmed()
    for (let time = 0; time < 2; time++) {
      const cancelled = await post(`/orders/${orderSn}/cancel`, { reason: 'the wrong size' })
      assert.equal(cancelled.statusCode, 200)
      const { status, closedFor, stockState } = cancelled.json()
      assert.deepEqual([status, closedFor, stockState], ['TRADE_CLOSED', 'cancelled', 'returning'])
    }
    assert.deepEqual(givenBack, [orderSn, orderSn], 'also when the first call ended before it came to that')
    assert.deepEqual(counted, ['TRADE_CLOSED'])
    await store.markReturned([orderSn])
    assert.equal((await post(`/orders/${orderSn}/cancel`)).statusCode, 200)
    assert.equal(givenBack.length, 2, 'nothing is owed any more')
    assert.match((await store.readAudit(orderSn)).map(({ why }) => why).join(), /cancelled: the wrong size/)
    const finished = await post(`/orders/${orderSn}/finish`)
    assert.deepEqual([finished.statusCode, finished.json().failure], [409, 'MoveNotAllowed'])
  })

  it('answers with Retry-After as long as it is not settled, and records nothing', async () => {
    const orderSn = await opened()
    for (const path of ['payments', 'cancel', 'finish']) {
      const answer = await post(`/orders/${orderSn}/${path}`, path === 'payments' ? payment(300) : undefined)
      assert.deepEqual([answer.statusCode, answer.json().failure], [409, 'OrderNotReady'], path)
      assert.ok(Number(answer.headers['retry-after']) > 0)
    }
    const deleted = await app.inject({ method: 'DELETE', url: `/orders/${orderSn}` })
    assert.deepEqual([deleted.statusCode, deleted.json().failure], [409, 'OrderNotReady'])
    assert.deepEqual(await store.paymentsOf([orderSn]), [])
  })

  it('is deleted: closed first if it is unpaid, hidden from then on, and the answer to its request as before', async () => {
    const userId = ++numbers
    const orderSn = await confirmed(userId)
    const other = await confirmed(userId)
    for (let time = 0; time < 2; time++) {
      assert.equal((await app.inject({ method: 'DELETE', url: `/orders/${orderSn}` })).statusCode, 204)
    }
    assert.equal((await app.inject(`/orders/${orderSn}`)).statusCode, 404)
    const { orders } = (await app.inject(`/orders?userId=${userId}`)).json()
    assert.deepEqual(
      orders.map((one: { orderSn: string }) => one.orderSn),
      [other],
    )
    assert.ok(givenBack.includes(orderSn))
    assert.deepEqual(counted, ['TRADE_CLOSED'])
    assert.equal((await store.getOrder(orderSn))?.closedFor, 'deleted')
  })

  it('is 404 if there is none, and a bad report names each bad field and records nothing', async () => {
    for (const orderSn of ['A'.repeat(16), 'x', '%00']) {
      for (const path of ['payments', 'cancel', 'finish']) {
        const answer = await post(`/orders/${orderSn}/${path}`, path === 'payments' ? payment(1) : undefined)
        assert.deepEqual([answer.statusCode, answer.json().failure], [404, 'OrderNotFound'], `${path} of ${orderSn}`)
      }
      assert.equal((await app.inject({ method: 'DELETE', url: `/orders/${orderSn}` })).statusCode, 404)
    }
    const orderSn = await confirmed()
    const bad = { provider: '\u200b', paymentId: '', amount: { amount: -1, currency: 'yuan' }, paidAt: '2030-02-30', extra: 1 }
    const answer = await post(`/orders/${orderSn}/payments`, bad)
    assert.equal(answer.statusCode, 400)
    assert.deepEqual(
      answer
        .json()
        .fields.map(({ field }: { field: string }) => field)
        .sort(),
      [...['amount.amount', 'amount.currency', 'extra', 'paidAt', 'paymentId', 'provider']],
    )
    assert.equal((await post(`/orders/${orderSn}/cancel`, { reason: 'two\nlines' })).statusCode, 400)
    assert.equal((await post(`/orders/${orderSn}/finish`, { by: 'me' })).statusCode, 400)
    assert.equal((await look(orderSn)).status, 'PAYING')
  })

  it('is listed page by page', async () => {
    const userId = ++numbers
    const sns: string[] = []
    for (let n = 0; n < 5; n++) sns.unshift(await confirmed(userId))
    const seen: string[] = []
    let after = ''
    do {
      const page = (await app.inject(`/orders?userId=${userId}&limit=2${after && `&after=${after}`}`)).json()
      seen.push(...page.orders.map(({ orderSn }: { orderSn: string }) => orderSn))
      after = page.next ?? ''
    } while (after)
    assert.deepEqual(seen, sns)
    assert.deepEqual((await app.inject(`/orders?userId=${userId}&status=TRADE_SUCCESS`)).json(), { orders: [] })
    const cases: [string, string[]][] = [
      ['', ['userId']],
      ['?userId=0', ['userId']],
      ['?userId=1&userId=2', ['userId']],
      ['?userId=1&limit=0', ['limit']],
      ['?userId=1&limit=101', ['limit']],
      ['?userId=1&limit=1e1', ['limit']],
      ['?userId=1&status=PAID&after=x', ['after', 'status']],
      ['?userId=1&page=2', ['page']],
    ]
    for (const [query, fields] of cases) {
      const answer = await app.inject(`/orders${query}`)
      assert.equal(answer.statusCode, 400, query)
      const named = new Set(answer.json().fields.map(({ field }: { field: string }) => field))
      assert.deepEqual([...named].sort(), fields, query)
    }
  })

  it('is 503 while PostgreSQL is away', async () => {
    const away = connectDatabase('postgres://127.0.0.1:1/none')
    const { app: cutOff } = await appOf({ life: orderStore(away), lists: orderStore(away) })
    for (const [method, url, payload] of [
      ['POST', `/orders/${'A'.repeat(16)}/payments`, payment(1)],
      ['POST', `/orders/${'A'.repeat(16)}/cancel`, undefined],
      ['DELETE', `/orders/${'A'.repeat(16)}`, undefined],
      ['GET', '/orders?userId=1', undefined],
    ] as const) {
      const answer = await cutOff.inject({ method, url, ...(payload && { payload }) })
      assert.deepEqual([answer.statusCode, answer.json().failure], [503, 'ServiceUnavailable'], `${method} ${url}`)
    }
    await away.destroy()
  })

  function payment(amount: number) {
    return { provider: 'pay', paymentId: `p${++numbers}`, amount: { amount, currency: 'CNY' }, paidAt: '2030-01-01T00:12:30Z' }
  }

  async function post(url: string, payload?: object) {
    return await app.inject({ method: 'POST', url, ...(payload && { payload }) })
  }

  async function pay(orderSn: string, report: object) {
    return await post(`/orders/${orderSn}/payments`, report)
  }

  async function look(orderSn: string) {
    const answer = await app.inject(`/orders/${orderSn}`)
    assert.equal(answer.statusCode, 200)
    return answer.json()
  }

  async function opened(userId = ++numbers): Promise<string> {
    return await openIn(store, userId)
  }

  async function confirmed(userId?: number): Promise<string> {
    const orderSn = await opened(userId)
    await confirmIn(store, orderSn)
    return orderSn
  }
})
