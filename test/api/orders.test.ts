import assert from 'node:assert/strict'
import pg from 'pg'
import { RowlessOrders } from '../../api/rowless-orders.ts'
import { failureOf } from '../../contracts/application-failure.ts'
import { failure } from '../../contracts/failures.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import {
  appOf,
  CLOSED,
  CONFIRMED,
  fakeParts,
  ORDER_SN,
  OWING,
  ordersThatSay,
  REFUSED,
  REQUEST,
  RESULT,
  row,
  runsThat,
} from './parts.ts'

const OTHER_BODY = row({ fingerprint: fingerprintOf({ ...REQUEST, lines: [{ goodsId: 3, num: 9 }] }) })
const withoutKey = Object.fromEntries(Object.entries(REQUEST).filter(([name]) => name !== 'requestId'))

describe('POST /orders', () => {
  it('answers 201 with the order and where it is', async () => {
    const { post, started } = await appOf()
    const answer = await post(withoutKey, { 'idempotency-key': 'key-1' })
    assert.equal(answer.statusCode, 201)
    assert.equal(answer.headers.location, `/orders/${ORDER_SN}`)
    assert.equal(answer.headers['idempotency-key'], 'key-1')
    assert.deepEqual(answer.json(), RESULT)
    assert.deepEqual(started, [REQUEST])
  })

  it('mints a key if none was sent, returns it, and mints another the next time', async () => {
    const { post, started } = await appOf({ runs: runsThat({ kind: 'open' }) })
    const [first, second] = [await post(withoutKey), await post(withoutKey)]
    const keys = [first, second].map(({ headers }) => String(headers['idempotency-key']))
    assert.notEqual(keys[0], keys[1])
    assert.equal(first.headers.location, `/orders/${orderSnOf({ userId: 7, requestId: keys[0] as string })}`)
    assert.equal(started.length, 0)
  })

  it('takes the key from the body alone', async () => {
    const { post } = await appOf()
    const answer = await post(REQUEST)
    assert.equal(answer.statusCode, 201)
    assert.equal(answer.headers['idempotency-key'], 'key-1')
  })

  it('refuses a body whose key is not the one of the header', async () => {
    const { post, started } = await appOf()
    const answer = await post(REQUEST, { 'idempotency-key': 'key-2' })
    assert.equal(answer.statusCode, 400)
    assert.deepEqual(answer.json().fields, [{ field: 'requestId', problem: 'must equal the header Idempotency-Key' }])
    assert.equal(started.length, 0)
  })

  it('names each bad field of header and body at once, and starts nothing', async () => {
    const { post, started } = await appOf()
    const body = { userId: 0, address: 'a\0b', name: ' ', mobile: 5, lines: [{ goodsId: 1, num: 0 }], coupon: 1, 'evil\n': 1 }
    const answer = await post(body, { 'idempotency-key': 'k'.repeat(129) })
    assert.equal(answer.statusCode, 400)
    const fields = answer.json().fields.map(({ field }: { field: string }) => field)
    assert.deepEqual(fields.sort(), ['Idempotency-Key', 'address', 'coupon', 'evil?', 'lines[0].num', 'mobile', 'name', 'userId'])
    assert.equal(started.length, 0)
  })

  for (const [status, kind] of [
    ['IN_DOUBT', 'its Sell'],
    ['TRADE_CLOSED', 'its Reback'],
  ] as const) {
    it(`answers 202 as long as nobody knows what became of ${kind}, without another run, and never a refusal`, async () => {
      const inDoubt = [{ goodsId: 3, num: 2 }]
      const refused = failure('OrderInDoubt', 'nobody knows')
      const doubtful = row({ status, stockState: 'in_doubt', inDoubt, ...(status === 'TRADE_CLOSED' && { refusal: REFUSED }) })
      const before = await appOf({ orders: ordersThatSay(doubtful) })
      const repeated = await before.post(REQUEST)
      assert.deepEqual([repeated.statusCode, repeated.json()], [202, { orderSn: ORDER_SN, status }])
      assert.deepEqual(before.started, [])

      const orders = ordersThatSay(undefined, doubtful)
      const answer = await (await appOf({ orders, runs: runsThat({ kind: 'refused', refused }) })).post(REQUEST)
      assert.deepEqual([answer.statusCode, answer.json()], [202, { orderSn: ORDER_SN, status }])
    })
  }

  it('answers 202 too if the doubt was settled since, and a Reback is owed', async () => {
    const owed = OWING
    const orders = ordersThatSay(undefined, owed)
    const runs = runsThat({ kind: 'refused', refused: failure('OrderInDoubt', 'nobody knows') })
    const answer = await (await appOf({ orders, runs })).post(REQUEST)
    assert.deepEqual([answer.statusCode, answer.json().status], [202, 'TRADE_CLOSED'])
  })

  it('says with 202 what the row says: never CREATING of an order that is closed', async () => {
    const owed = OWING
    const backlog = { store: { isUp: true, latest: 500 } }
    const cases = [
      { orders: ordersThatSay(undefined, owed), runs: runsThat({ kind: 'open' }) },
      { orders: ordersThatSay(owed), runs: runsThat({ kind: 'open' }) },
      { orders: ordersThatSay(owed), runs: runsThat({ kind: 'open' }, { attached: true }) },
      { orders: ordersThatSay(owed), runs: runsThat({ kind: 'broken', error: new Error('x') }) },
      { orders: ordersThatSay(owed), ...backlog },
    ]
    for (const parts of cases) {
      const answer = await (await appOf(parts)).post()
      assert.deepEqual([answer.statusCode, answer.json()], [202, { orderSn: ORDER_SN, status: 'TRADE_CLOSED' }])
    }
    for (const orders of [ordersThatSay(undefined, row()), ordersThatSay(undefined)]) {
      const answer = await (await appOf({ orders, runs: runsThat({ kind: 'open' }) })).post()
      assert.deepEqual([answer.statusCode, answer.json().status], [202, 'CREATING'])
    }
  })

  for (const what of ['a state that nobody has classed', 'a defect']) {
    it(`answers 202 whatever is wrong with reading the store once a run was started: ${what}`, async () => {
      let asked = 0
      const getOrder = async () => {
        if (++asked === 1) return undefined
        throw what === 'a defect'
          ? new TypeError('defect')
          : Object.assign(new pg.DatabaseError('refused', 7, 'error'), { code: '42601' })
      }
      const { post, logged } = await appOf({ orders: { ...ordersThatSay(), getOrder }, runs: runsThat({ kind: 'open' }) })
      const answer = await post()
      assert.deepEqual([answer.statusCode, answer.json()], [202, { orderSn: ORDER_SN, status: 'CREATING' }])
      assert.match(logged.join(), /the order store could not be read/)
    })
  }

  it('says of no internal error that its order was settled', async () => {
    const { post } = await appOf({ orders: { ...ordersThatSay(), getOrder: () => Promise.reject(new TypeError('defect')) } })
    const answer = await post()
    assert.equal(answer.statusCode, 500)
    assert.doesNotMatch(answer.body, /settled/)
  })

  it('counts an order that got 202 until it has a row, and none that got an answer', async () => {
    let now = 0
    const rowless = new RowlessOrders(() => now)
    const count = async (...recorded: string[]) => await rowless.count(3_000, async () => recorded)
    const pending = { orders: ordersThatSay(undefined), runs: runsThat({ kind: 'open' }), rowless }
    assert.equal((await (await appOf(pending)).post()).statusCode, 202)
    assert.equal(await count(), 0)
    now = 3_001
    assert.equal(await count(), 1)
    assert.equal(await count(ORDER_SN), 0)
    assert.equal(await count(), 0)
    assert.equal((await (await appOf({ rowless })).post()).statusCode, 201)
    now = 9_000
    assert.equal(await count(), 0)
  })

  it('refuses more than 1,000 distinct goods and takes 1,000', async () => {
    const { post } = await appOf()
    const lines = Array.from({ length: 1_001 }, (_, i) => ({ goodsId: i + 1, num: 9_999 }))
    assert.equal((await post({ ...REQUEST, lines })).statusCode, 400)
    assert.equal((await post({ ...REQUEST, lines: lines.slice(1) })).statusCode, 201)
  })

  it('refuses what is no JSON object, too large, or of another media type', async () => {
    const { app, started, logged } = await appOf()
    const send = async (payload: string, type = 'application/json') => {
      const answer = await app.inject({ method: 'POST', url: '/orders', payload, headers: { 'content-type': type } })
      assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
      return [answer.statusCode, answer.json().failure]
    }
    for (const payload of ['{"name":"Ada', '[]', '"Ada"', 'null', '', '{"__proto__":{"userId":1}}'])
      assert.deepEqual(await send(payload), [400, 'InvalidInput'])
    assert.deepEqual(await send(`"${'x'.repeat(256 * 1024)}"`), [413, 'BodyTooLarge'])
    assert.deepEqual(await send(JSON.stringify(REQUEST), 'text/plain'), [415, 'UnsupportedMediaType'])
    assert.deepEqual(await send(JSON.stringify(REQUEST), 'application/xml'), [415, 'UnsupportedMediaType'])
    assert.equal((await app.inject({ method: 'POST', url: '/orders' })).statusCode, 400)
    assert.equal(started.length, 0)
    assert.doesNotMatch(logged.join(), /Ada/)
  })

  it('refuses bytes that are no UTF-8, instead of an order to an address that nobody wrote', async () => {
    const { app, started } = await appOf()
    const payload = Buffer.from(JSON.stringify(REQUEST).replace('Harbour', 'H\xe4rbour'), 'latin1')
    const answer = await app.inject({ method: 'POST', url: '/orders', payload, headers: { 'content-type': 'application/json' } })
    assert.deepEqual([answer.statusCode, answer.json().failure], [400, 'InvalidInput'])
    assert.deepEqual(started, [])
  })

  it('answers 503 at once when the probe finds Temporal away: nothing is read, nothing is started', async () => {
    let asked = 0
    const orders = { ...ordersThatSay(undefined), getOrder: async () => void asked++ }
    const { post, started } = await appOf({ temporal: { isUp: false }, orders })
    const answer = await post()
    assert.equal(asked, 0)
    assert.deepEqual([answer.statusCode, answer.json().code, answer.json().service], [503, 10003, 'temporal'])
    assert.ok(Number(answer.headers['retry-after']) > 0)
    assert.equal(answer.headers['idempotency-key'], 'key-1')
    assert.equal(started.length, 0)
  })

  it('answers 503 at once when the probe finds PostgreSQL away, in either intake: nothing is read, nothing is started', async () => {
    let asked = 0
    const orders = { ...ordersThatSay(), getOrder: async () => void asked++ }
    const lane = { take: async () => assert.fail(`the lane was asked ${++asked} times`), refuseIfBusy() {} }
    for (const parts of [{}, { lane }]) {
      const { post, started } = await appOf({ store: { isUp: false, latest: 0 }, orders, ...parts })
      const answer = await post()
      assert.equal(asked, 0)
      assert.deepEqual([answer.statusCode, answer.json().code, answer.json().service], [503, 10003, 'postgresql'])
      assert.equal(started.length, 0)
    }
  })

  describe('while as many orders wait to be settled as may', () => {
    const lane = { take: () => assert.fail('the lane was asked'), refuseIfBusy() {} }
    const full = { store: { isUp: true, latest: 3 }, maxUnsettled: 3, lane }

    it('begins no other: 503', async () => {
      const { post, started } = await appOf(full)
      const answer = await post()
      assert.deepEqual([answer.statusCode, answer.json().code, answer.json().service], [503, 10003, 'order-saga'])
      assert.match(answer.json().detail, /^3 orders or more wait to be settled; this request started nothing/)
      assert.equal(started.length, 0)
    })

    it('answers those that were begun: 201, their refusal, another body of their key, 202 of those that are open', async () => {
      const answers: unknown[] = []
      for (const order of [CONFIRMED, CLOSED, OTHER_BODY, row()]) {
        const { post, started } = await appOf({ ...full, orders: ordersThatSay(order) })
        const answer = await post()
        answers.push([answer.statusCode, answer.json().failure])
        assert.equal(started.length, 0)
      }
      assert.deepEqual(answers, [
        [201, undefined],
        [422, 'InsufficientStock'],
        [422, 'IdempotencyKeyReused'],
        [202, undefined],
      ])
    })

    it('begins orders again as soon as they are fewer', async () => {
      const { post, started } = await appOf({ store: { isUp: true, latest: 2 }, maxUnsettled: 3 })
      assert.equal((await post()).statusCode, 201)
      assert.equal(started.length, 1)
    })
  })

  it('answers 503 when PostgreSQL is away before the start: nothing is started', async () => {
    const orders = { ...ordersThatSay(), getOrder: () => Promise.reject(new Error('connect ECONNREFUSED')) }
    const { post, started } = await appOf({ orders })
    const answer = await post()
    assert.deepEqual([answer.statusCode, answer.json().code, answer.json().service], [503, 10003, 'postgresql'])
    assert.equal(started.length, 0)
  })

  it('answers a confirmed order again, whatever became of it, without a run', async () => {
    for (const status of ['PAYING', 'TRADE_SUCCESS', 'TRADE_CLOSED'] as const) {
      const { post, started } = await appOf({ orders: ordersThatSay({ ...CONFIRMED, status }) })
      const answer = await post()
      assert.equal(answer.statusCode, 201)
      assert.equal(answer.headers.location, `/orders/${ORDER_SN}`)
      assert.deepEqual(answer.json(), { ...RESULT, status })
      assert.equal(started.length, 0)
    }
  })

  it('answers a refused order with the same refusal again, without a run', async () => {
    for (const stockState of ['none', 'returned'] as const) {
      const { post, started } = await appOf({ orders: ordersThatSay({ ...CLOSED, stockState }) })
      const answer = await post()
      assert.equal(answer.statusCode, 422)
      const { code, failure, detail, goodsIds, left } = answer.json()
      assert.deepEqual(
        { code, failure, detail, goodsIds, left },
        {
          code: 10002,
          failure: 'InsufficientStock',
          detail: REFUSED.message,
          goodsIds: [3],
          left: [{ goodsId: 3, left: 1 }],
        },
      )
      assert.equal(started.length, 0)
    }
  })

  it('starts a run for a closed order that still owes its stock, and for one that is still being created', async () => {
    for (const stored of [OWING, row()]) {
      const { post, started } = await appOf({ orders: ordersThatSay(stored) })
      assert.equal((await post()).statusCode, 201)
      assert.equal(started.length, 1)
    }
  })

  it('refuses the key of another body, without a run', async () => {
    const { post, started } = await appOf({ orders: ordersThatSay(OTHER_BODY) })
    const answer = await post()
    assert.deepEqual([answer.statusCode, answer.json().failure], [422, 'IdempotencyKeyReused'])
    assert.equal(started.length, 0)
  })

  it('answers 202 when the run is not done after the wait', async () => {
    const { post } = await appOf({
      waitMs: 1,
      runs: {
        ...fakeParts().parts.runs,
        outcome: async (_, signal) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          return { kind: 'open' }
        },
      },
    })
    const answer = await post()
    assert.equal(answer.statusCode, 202)
    assert.equal(answer.headers.location, `/orders/${ORDER_SN}`)
    assert.deepEqual(answer.json(), { orderSn: ORDER_SN, status: 'CREATING' })
  })

  it('answers 202 when it is not known whether the run was started', async () => {
    const { post } = await appOf({ runs: { ...fakeParts().parts.runs, start: async () => undefined } })
    const answer = await post()
    assert.equal(answer.statusCode, 202)
    assert.equal(answer.headers.location, `/orders/${ORDER_SN}`)
  })

  it('answers 503 when Temporal certainly did not start it', async () => {
    const overloaded = () => Promise.reject(failureOf(failure('ServiceUnavailable', 'overloaded')))
    const { post } = await appOf({ runs: { ...fakeParts().parts.runs, start: overloaded } })
    const answer = await post()
    assert.equal(answer.statusCode, 503)
    assert.ok(answer.headers['retry-after'])
  })

  it("answers its run's refusal", async () => {
    const { post } = await appOf({ runs: runsThat({ kind: 'refused', refused: REFUSED }) })
    const answer = await post()
    assert.deepEqual([answer.statusCode, answer.json().code], [422, 10002])
  })

  it('attached to a run, answers only what the row says of this very body', async () => {
    const attached = { attached: true }
    const created = runsThat({ kind: 'created', result: RESULT }, attached)
    const refused = runsThat({ kind: 'refused', refused: REFUSED }, attached)
    const open = runsThat({ kind: 'open' }, attached)
    const stuck = runsThat({ kind: 'refused', refused: failure('CompensationFailed', 'voidOrder was refused') }, attached)
    const cases = [
      [created, CONFIRMED, 201],
      [created, { ...CONFIRMED, fingerprint: 'other' }, 422, 'IdempotencyKeyReused'],
      [refused, CLOSED, 422, 'InsufficientStock'],
      [refused, OWING, 422, 'InsufficientStock'],
      [refused, { ...CLOSED, fingerprint: 'other' }, 422, 'IdempotencyKeyReused'],
      [refused, undefined, 503, 'ServiceUnavailable'],
      [refused, row(), 202],
      [stuck, row(), 500, 'CompensationFailed'],
      [open, OTHER_BODY, 422, 'IdempotencyKeyReused'],
      [open, row(), 202],
      [open, undefined, 202],
    ] as const
    for (const [runs, after, status, failure] of cases) {
      const { post } = await appOf({ runs, orders: ordersThatSay(undefined, after) })
      const answer = await post()
      assert.deepEqual([answer.statusCode, answer.json().failure], [status, failure])
    }
  })

  it('never says refused while the outcome is open: a run that is gone, or that ended in no known way, is judged by its row', async () => {
    const gone = runsThat({ kind: 'open' })
    const broken = runsThat({ kind: 'broken', error: new Error('secret words') })
    const cases = [
      [gone, CONFIRMED, 201],
      [gone, row(), 202],
      [gone, OWING, 202],
      [gone, CLOSED, 422],
      [broken, CONFIRMED, 201],
      [broken, row(), 202],
      [broken, CLOSED, 422],
      [broken, undefined, 500],
    ] as const
    for (const [runs, after, status] of cases) {
      const { post } = await appOf({ runs, orders: ordersThatSay(undefined, after) })
      const answer = await post()
      assert.equal(answer.statusCode, status)
      assert.doesNotMatch(answer.body, /secret/)
    }
  })

  it('answers 202 when the row cannot be read after the start', async () => {
    for (const runs of [runsThat({ kind: 'open' }), runsThat({ kind: 'created', result: RESULT }, { attached: true })]) {
      let asked = 0
      const getOrder = async () => {
        if (asked++ > 0) throw new Error('Connection terminated unexpectedly')
        return undefined
      }
      const { post } = await appOf({ runs, orders: { ...ordersThatSay(), getOrder } })
      assert.equal((await post()).statusCode, 202)
    }
  })
})
