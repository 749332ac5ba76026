import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { orderSnOf } from '../../contracts/order-sn.ts'
import type { RunningPart } from '../../dev/processes/part.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { programCommand } from '../../dev/processes/program-command.ts'
import { spawnPart } from '../../dev/processes/spawn-part.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { until } from './faults/until.ts'
import { type Answer, call, cartOf, freshUser, orderOf, putIntoCart } from './shop.ts'

const PROJECT = join(import.meta.dirname, '..', '..')

describe('orders placed over HTTP', () => {
  let stack: TestStack
  let inventory: InventoryClient
  /** A second starter, which does not wait for the order's end. */
  let hasty: RunningPart
  let hastyUrl: string

  before(async () => {
    stack = await testStack()
    inventory = new InventoryClient(`127.0.0.1:${stack.ports.inventory}`)
    const address = `127.0.0.1:${await freePort()}`
    hastyUrl = `http://${address}`
    hasty = await spawnPart({
      name: 'starter-2',
      ...programCommand('starter.ts', { ...stack.env, HTTP_ADDR: address, GRPC_ADDR: '127.0.0.1:0', HTTP_WAIT_MS: '0' }),
      cwd: PROJECT,
      ipc: true,
      logFile: join(stack.logsDir, 'starter-2.log'),
      isHealthy: async () => (await fetch(`${hastyUrl}/readyz`)).status === 200,
    })
  })

  after(async () => {
    await hasty?.stop()
    await inventory?.stop()
  })

  const order = (body: unknown, key?: string, base = stack.httpUrl) =>
    call(`${base}/orders`, { method: 'POST', body, ...(key && { key }) })
  const look = (orderSn: unknown) => call(`${stack.httpUrl}/orders/${orderSn}`)

  function assertProblem({ status, headers, body }: Answer, expected: { status: number; code: number; failure: string }) {
    assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/)
    const { code, failure } = body
    assert.deepEqual({ status, code, failure }, expected)
    assert.equal(body.status, status)
  }

  it('the checked goods of a cart become an order, and leave the cart with it', async () => {
    const userId = freshUser()
    await putIntoCart(stack.httpUrl, userId, [
      { goodsId: 46, num: 3 },
      { goodsId: 48, num: 2, checked: false },
      { goodsId: 47, num: 1 },
    ])
    const [stock46, stock48] = await Promise.all([inventory.stock(46), inventory.stock(48)])

    const placed = await order(orderOf(userId))
    assert.equal(placed.status, 201)
    const { orderSn, status, total, lines } = placed.body as {
      orderSn: string
      status: string
      total: { amount: number; currency: string }
      lines: { goodsId: number; num: number; price: { amount: number } }[]
    }
    assert.equal(placed.headers.get('location'), `/orders/${orderSn}`)
    assert.equal(orderSn, orderSnOf({ userId, requestId: placed.headers.get('idempotency-key') ?? '' }))
    assert.equal(status, 'PAYING')
    assert.deepEqual(
      lines.map(({ goodsId, num }) => ({ goodsId, num })),
      [
        { goodsId: 46, num: 3 },
        { goodsId: 47, num: 1 },
      ],
    )
    const sum = lines.reduce((total, { num, price }) => total + num * price.amount, 0)
    assert.deepEqual(total, { amount: sum, currency: 'CNY' })

    assert.deepEqual(await cartOf(stack.httpUrl, userId), [{ goodsId: 48, num: 2, checked: false }])
    assert.equal(await inventory.stock(46), stock46 - 3)
    assert.equal(await inventory.stock(48), stock48)
    const seen = await look(orderSn)
    assert.equal(seen.status, 200)
    const { createdAt, ...shown } = seen.body
    assert.ok(Date.parse(String(createdAt)) > 0)
    assert.deepEqual(shown, { ...placed.body, userId, stockState: 'sold' })
  })

  it('the repeat of a request is answered the same: at once, while a worker is away, and by the next one', async () => {
    const userId = freshUser()
    await putIntoCart(stack.httpUrl, userId, [{ goodsId: 49, num: 2 }])
    const key = randomUUID()
    const first = await order(orderOf(userId), key)
    assert.equal(first.status, 201)
    const before = await inventory.stock(49)

    const answers = await Promise.all([1, 2, 3].map(() => order(orderOf(userId), key)))
    await stack.stopPart('worker')
    try {
      answers.push(await order(orderOf(userId), key))
    } finally {
      await stack.startPart('worker')
    }
    answers.push(await order(orderOf(userId), key))
    for (const { status, body } of answers) assert.deepEqual({ status, body }, { status: 201, body: first.body })
    assert.equal(await inventory.stock(49), before)
  })

  it('the same key with another body is refused, and the first order stands', async () => {
    const userId = freshUser()
    const key = randomUUID()
    const first = await order(orderOf(userId, [{ goodsId: 50, num: 1 }]), key)
    assert.equal(first.status, 201)
    const other = await order(orderOf(userId, [{ goodsId: 50, num: 2 }]), key)
    assertProblem(other, { status: 422, code: 10007, failure: 'IdempotencyKeyReused' })
    assert.equal((await look(first.body.orderSn)).body.status, 'PAYING')
  })

  for (const { what, lines, expected, details = {}, user = freshUser } of [
    {
      what: 'goods that do not exist',
      lines: [
        { goodsId: 51, num: 1 },
        { goodsId: 201, num: 1 },
        { goodsId: 9999, num: 1 },
      ],
      expected: { status: 404, code: 10001, failure: 'GoodsNotFound' },
      details: { goodsIds: [201, 9999] },
    },
    {
      what: 'goods that are off sale',
      lines: [
        { goodsId: 51, num: 1 },
        { goodsId: 200, num: 1 },
      ],
      expected: { status: 422, code: 10004, failure: 'GoodsOffSale' },
      details: { goodsIds: [200] },
    },
    {
      what: 'more than there is in stock',
      lines: [
        { goodsId: 51, num: 1 },
        { goodsId: 191, num: 1 },
      ],
      expected: { status: 422, code: 10002, failure: 'InsufficientStock' },
    },
    {
      what: 'a user that does not exist',
      lines: [{ goodsId: 51, num: 1 }],
      user: () => 90_001,
      expected: { status: 404, code: 10009, failure: 'UserNotFound' },
    },
    { what: 'an empty cart', expected: { status: 422, code: 10005, failure: 'EmptyCart' } },
  ]) {
    it(`an order of ${what} is refused, its repeat too, and no stock is held`, async () => {
      const userId = user()
      const key = randomUUID()
      const stock = () => Promise.all([51, 191, 195].map((goodsId) => inventory.stock(goodsId)))
      const before = await stock()
      const refused = await order(orderOf(userId, lines), key)
      assertProblem(refused, expected)
      for (const [name, value] of Object.entries(details)) assert.deepEqual(refused.body[name], value)
      const repeat = await order(orderOf(userId, lines), key)
      assert.deepEqual({ status: repeat.status, body: repeat.body }, { status: refused.status, body: refused.body })
      assert.deepEqual(await stock(), before)

      const seen = await look(orderSnOf({ userId, requestId: key }))
      assert.equal(seen.body.status, 'TRADE_CLOSED')
      assert.match(`${seen.body.stockState}`, /^(none|returned)$/)
      assert.equal((seen.body.refusal as { code: number }).code, expected.code)
    })
  }

  it('a bad request names each bad field, and starts nothing', async () => {
    const body = { userId: '7', name: '', address: 'a\0b', mobile: '1', lines: [{ goodsId: 1, num: 10_000 }, { goodsId: 1.5 }] }
    const bad = await order(body, 'k'.repeat(129))
    assertProblem(bad, { status: 400, code: 10008, failure: 'InvalidInput' })
    assert.deepEqual((bad.body.fields as { field: string }[]).map(({ field }) => field).sort(), [
      'Idempotency-Key',
      'address',
      'lines[0].num',
      'lines[1].goodsId',
      'lines[1].num',
      'name',
      'userId',
    ])
    assertProblem(await look('AAAAAAAAAAAAAAAA'), { status: 404, code: 10016, failure: 'OrderNotFound' })
  })

  it('an order that takes longer than its caller waits is answered 202, and shows its saga until it is paid for', async () => {
    const userId = freshUser()
    stack.kill('inventory', 'SIGSTOP')
    let location: string | null
    try {
      const pending = await order(orderOf(userId, [{ goodsId: 52, num: 1 }]), undefined, hastyUrl)
      assert.equal(pending.status, 202)
      location = pending.headers.get('location')
      assert.equal(location, `/orders/${pending.body.orderSn}`)
      const selling = await until('the saga is at sell', async () => {
        const { body } = await call(`${hastyUrl}${location}`)
        const { step, url } = (body.saga ?? {}) as { step?: string; url: string }
        assert.equal(step, 'sell')
        return { status: body.status, url }
      })
      assert.equal(selling.status, 'CREATING')
      const { url } = selling
      assert.equal(url, `${stack.temporal.uiUrl}/namespaces/default/workflows/create-order%2F${pending.body.orderSn}`)
    } finally {
      stack.kill('inventory', 'SIGCONT')
    }
    const paying = await until('the order is created', async () => {
      const { body } = await call(`${hastyUrl}${location}`)
      assert.equal(body.status, 'PAYING')
      return body
    })
    assert.equal(paying.saga, undefined)
    assert.equal(paying.stockState, 'sold')
  })

  it('an order waits for a service that died, and goes on when it is back', async () => {
    const userId = freshUser()
    const key = randomUUID()
    const body = orderOf(userId, [{ goodsId: 53, num: 1 }])
    await stack.stopPart('goods')
    try {
      assert.equal((await order(body, key, hastyUrl)).status, 202)
      await until('the saga waits for the goods', async () => {
        const { saga } = (await look(orderSnOf({ userId, requestId: key }))).body
        assert.equal((saga as { step: string }).step, 'getUser and batchGetGoods')
      })
    } finally {
      await stack.startPart('goods')
    }
    await until('the order is created', async () => assert.equal((await order(body, key)).status, 201))
  })

  it('while Temporal does not answer, orders are refused with 503 and nothing is started; afterwards they are taken again', async () => {
    const userId = freshUser()
    const body = orderOf(userId, [{ goodsId: 54, num: 1 }])
    // First it hangs: whatever is answered now is answered without it. Then it dies, and is started again by the stack.
    stack.kill('temporal', 'SIGSTOP')
    const key = randomUUID()
    try {
      const unready = await until('the probe finds Temporal out of reach', async () => {
        const answer = await call(`${stack.httpUrl}/readyz`)
        assert.equal(answer.status, 503)
        return answer
      })
      assert.deepEqual(unready.body.missing, ['temporal'])
      const refused = await order(body, key)
      assertProblem(refused, { status: 503, code: 10003, failure: 'ServiceUnavailable' })
      assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
      assert.equal((await call(`${stack.httpUrl}/healthz`)).status, 200)
    } finally {
      stack.kill('temporal', 'SIGKILL')
    }
    await until('orders are taken again', async () => assert.equal((await call(`${stack.httpUrl}/readyz`)).status, 200))
    assert.equal((await look(orderSnOf({ userId, requestId: key }))).status, 404)
    await until('the same request gives its order', async () => assert.equal((await order(body, key)).status, 201))
  })

  it('starter and worker serve their metrics, those of their calls and of the SDK too', async () => {
    assert.equal((await order(orderOf(freshUser(), [{ goodsId: 55, num: 1 }]))).status, 201)
    const pages = { starter: stack.httpUrl, worker: `http://127.0.0.1:${stack.ports.workerMetrics}` }
    const served = {
      starter: [/^http_request_duration_seconds_count\{[^}]*route="\/orders"[^}]*\} [1-9]/m],
      worker: [/^temporal_num_pollers\{/m],
      either: [
        /^rpc_calls_total\{service="goods",method="BatchGetGoods",status="success"\} [1-9]/m,
        /^rpc_calls_total\{service="user",method="GetUserById",status="success"\} [1-9]/m,
        /^rpc_calls_total\{service="inventory",method="Sell",status="success"\} [1-9]/m,
        /^rpc_call_duration_seconds_count\{service="inventory",method="Sell"\} [1-9]/m,
        /^batch_size_bucket\{le="100",service="goods",operation="BatchGetGoods"\} [1-9]/m,
        /^temporal_workflow_completed_total\{[^}]*workflow_type="createOrders"[^}]*\} [1-9]/m,
      ],
    }
    const [starter, worker] = await Promise.all(
      [pages.starter, pages.worker].map(async (url) => await (await fetch(`${url}/metrics`)).text()),
    )
    // Both run a worker: either may have been at this order.
    const text = { starter, worker, either: `${starter}${worker}` }
    for (const part of ['starter', 'worker', 'either'] as const) {
      for (const line of served[part]) assert.ok(line.test(text[part] ?? ''), `${line} in:\n${text[part]}`)
    }
  })
})
