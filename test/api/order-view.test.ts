import assert from 'node:assert/strict'
import { appOf, CLOSED, CONFIRMED, fakeParts, ORDER_SN, OWING, ordersThatSay, REFUSED, RESULT, row } from './parts.ts'

type Changes = NonNullable<Parameters<typeof appOf>[0]>

async function get(changes: Changes, orderSn: string = ORDER_SN) {
  const { app } = await appOf(changes)
  const answer = await app.inject(`/orders/${orderSn}`)
  return { status: answer.statusCode, body: answer.json() }
}

describe('GET /orders/{orderSn}', () => {
  const { runs } = fakeParts().parts

  it('shows a confirmed order whole, and asks no run about it', async () => {
    const asking = { ...runs, progress: () => assert.fail('the run was asked') }
    const { status, body } = await get({ orders: ordersThatSay(CONFIRMED), runs: asking })
    assert.equal(status, 200)
    assert.deepEqual(body, { ...RESULT, userId: 7, stockState: 'sold', createdAt: CONFIRMED.createdAt })
  })

  it('shows why an order was closed', async () => {
    const { type, code, message } = REFUSED
    const { body } = await get({ orders: ordersThatSay(CLOSED) })
    assert.deepEqual(body, {
      orderSn: ORDER_SN,
      userId: 7,
      status: 'TRADE_CLOSED',
      createdAt: CLOSED.createdAt,
      stockState: 'returned',
      lines: [],
      refusal: { type, code, message },
    })
  })

  it('shows the saga while the order is not settled', async () => {
    const progress = async () => ({ step: 'reback' as const, undone: ['voidOrder'], failure: 'InsufficientStock' })
    const runUrl = (id: string) => `http://ui/${encodeURIComponent(id)}`
    for (const order of [row(), OWING, row({ status: 'IN_DOUBT', stockState: 'in_doubt' })]) {
      const { body } = await get({ orders: ordersThatSay(order), runs: { ...runs, progress }, runUrl })
      assert.deepEqual(body.saga, {
        workflowId: `create-order/${ORDER_SN}`,
        step: 'reback',
        undone: ['voidOrder'],
        failure: 'InsufficientStock',
        url: `http://ui/create-order%2F${ORDER_SN}`,
      })
    }
  })

  it('names what nobody knows the fate of', async () => {
    const inDoubt = [{ goodsId: 3, num: 2 }]
    const { body } = await get({ orders: ordersThatSay(row({ status: 'IN_DOUBT', stockState: 'in_doubt', inDoubt })) })
    assert.deepEqual([body.status, body.stockState, body.inDoubt, body.lines], ['IN_DOUBT', 'in_doubt', inDoubt, []])
  })

  it('shows the own run of an order that its batch handed over, and the batch before that', async () => {
    const order = row({ workflowId: 'create-orders/1' })
    const own = async (id: string) => (id === `create-order/${ORDER_SN}` ? { step: 'sell' as const, undone: [] } : undefined)
    const handedOver = await get({ orders: ordersThatSay(order), runs: { ...runs, progress: own } })
    assert.deepEqual(handedOver.body.saga, { workflowId: `create-order/${ORDER_SN}`, step: 'sell', undone: [] })
    const inBatch = await get({ orders: ordersThatSay(order), runs: { ...runs, progress: async () => undefined } })
    assert.deepEqual(inBatch.body.saga, { workflowId: 'create-orders/1' })
  })

  it('does without the saga when Temporal is away, and without the step when no worker answers', async () => {
    const away = await get({
      orders: ordersThatSay(row()),
      temporal: { isUp: false },
      runs: { ...runs, progress: () => assert.fail() },
    })
    assert.equal(away.status, 200)
    assert.equal(away.body.saga, undefined)
    const alone = await get({ orders: ordersThatSay(row()), runs: { ...runs, progress: async () => undefined } })
    assert.deepEqual(alone.body.saga, { workflowId: `create-order/${ORDER_SN}` })
  })

  it('does not show the step of another order whose run bears the same workflow id', async () => {
    const progress = async () => ({ step: 'sell' as const, orderSn: 'ANOTHERORDERSSNX', undone: [] })
    const { body } = await get({ orders: ordersThatSay(row()), runs: { ...runs, progress } })
    assert.deepEqual(body.saga, { workflowId: `create-order/${ORDER_SN}` })
  })

  it('is 404 for an order that nobody knows and for what is no order number, which is not looked up', async () => {
    assert.deepEqual((await get({})).body.failure, 'OrderNotFound')
    const orders = { ...ordersThatSay(), getOrder: () => assert.fail('the store was asked') }
    for (const text of ['x', `${ORDER_SN}A`, ORDER_SN.toLowerCase(), '%00', "A'%20OR%20'B"]) {
      const { status, body } = await get({ orders }, text)
      assert.deepEqual([status, body.failure], [404, 'OrderNotFound'])
    }
  })

  it('does not say that there is no order when it could not look', async () => {
    const orders = { ...ordersThatSay(), getOrder: () => Promise.reject(new Error('connect ECONNREFUSED')) }
    assert.equal((await get({ orders })).status, 503)
  })
})
