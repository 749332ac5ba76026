import assert from 'node:assert/strict'
import { randomBytes, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { credentials, Metadata } from '@grpc/grpc-js'
import { freePort } from '../../dev/processes/ports.ts'
import { type OrderInfoResponse, OrderServiceClient } from '../../proto/generated/order.ts'
import { type UserInfoResponse, UserService } from '../../proto/generated/user.ts'
import { type Listening, listening } from '../clients/listening.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { type CollectedSpan, type TraceCollector, traceCollector } from '../support/trace-collector.ts'
import { spawnRoot } from './faults/spawn-root.ts'
import { until } from './faults/until.ts'
import { type Answer, freshUser, orderOf, putIntoCart, RECIPIENT } from './shop.ts'

/** Has 0 pieces in the reference inventory. */
const SOLD_OUT = 191
const GOODS = 72

describe('traces', () => {
  let stack: TestStack
  let collector: TraceCollector
  let users: Listening
  /** Trace headers that the user service received from its callers. */
  const toldUsers: string[] = []
  const settings: Record<string, string> = {}

  before(async () => {
    stack = await testStack()
    collector = await traceCollector('http/json')
    users = await listening(UserService, {
      getUserById({ request, metadata }: Call, done: (error: null, answer: UserInfoResponse) => void) {
        toldUsers.push(metadata.get('traceparent').join())
        done(null, { ...NOBODY, id: request.id })
      },
    })
    Object.assign(settings, { ...collector.env, USER_TARGET: users.address, LOG_LEVEL: 'info' })
  })

  after(() => users.stop())

  describe('of orders with a run each', () => {
    let url: string
    let grpc: string

    before(async () => {
      grpc = `127.0.0.1:${await freePort()}`
      const single = { ...settings, TASK_QUEUE: 'traced', INTAKE: 'single', STARTER_WORKER: 'false' }
      await spawnRoot(stack, 'worker', single)
      url = (await spawnRoot(stack, 'starter', { ...single, GRPC_ADDR: grpc })).url
    })

    it('go from the caller through HTTP, workflow and activities to gRPC and SQL, as one tree', async () => {
      const caller = newCaller()
      const { status, body } = await place(url, caller, GOODS)
      assert.equal(status, 201)
      assert.deepEqual(await treeOf(caller), linesOf(CREATED))
      const posted = spanOf(caller, 'POST /orders')
      assert.equal(posted.parentSpanId, caller.spanId)
      assert.deepEqual(attributesOf(posted), {
        'http.request.method': 'POST',
        'http.route': '/orders',
        'http.response.status_code': 201,
        'order.sn': body.orderSn,
      })
      assert.deepEqual(services(caller), ['order-saga-starter', 'order-saga-worker'])
      assert.equal(attributesOf(spanOf(caller, 'RunActivity:getUser'))['order.sn'], body.orderSn)
      assert.deepEqual(attributesOf(spanOf(caller, 'INSERT orders')), {
        'db.system.name': 'postgresql',
        'db.query.summary': 'INSERT orders',
      })
    })

    it('hold the compensation of an order that was refused', async () => {
      const caller = newCaller()
      assert.equal((await place(url, caller, SOLD_OUT)).status, 422)
      assert.deepEqual(await treeOf(caller), linesOf(COMPENSATED))
    })

    it('reach the services: a call names its own span', async () => {
      const caller = newCaller()
      await place(url, caller, GOODS)
      await treeOf(caller)
      const { spanId } = spanOf(caller, 'User/GetUserById')
      assert.ok(toldUsers.includes(`00-${caller.traceId}-${spanId}-01`), toldUsers.join())
    })

    it('go on from a caller of the gRPC door, through the same run', async () => {
      const caller = newCaller()
      const { orderSn } = await placeOverRpc(url, grpc, caller)
      const called = await until('its span has come', () => spanOf(caller, 'OrderService/OrderCreate'))
      assert.equal(called.parentSpanId, caller.spanId)
      assert.deepEqual(attributesOf(called), {
        ...{ 'rpc.system': 'grpc', 'rpc.service': 'OrderService', 'rpc.method': 'OrderCreate', 'rpc.grpc.status_code': 0 },
        'order.sn': orderSn,
      })
      const started = await until('its start has come', () => spanOf(caller, 'StartWorkflow:createOrder'))
      assert.equal(started.parentSpanId, called.spanId)
      await until('its run has come', () => spanOf(caller, 'RunWorkflow:createOrder'))
    })

    it('are named by the log: a line for each step, with order, run and trace', async () => {
      const caller = newCaller()
      const { body } = await place(url, caller, GOODS)
      const log = await readFile(join(stack.logsDir, 'another-worker.log'), 'utf8')
      const lines = log.split('\n').filter((line) => line.includes(`"orderSn":"${body.orderSn}"`))
      const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
      assert.deepEqual(told.map(({ step, level }) => [step, level]).sort(), [
        ['batchGetGoods', 'info'],
        ['confirmOrder', 'info'],
        ['getUser', 'info'],
        ['openOrder', 'info'],
        ['sell', 'info'],
      ])
      const [{ runId } = {}] = told
      assert.match(String(runId), /^[\da-f-]{36}$/)
      for (const line of told) assert.deepEqual([line.runId, line.trace_id], [runId, caller.traceId])
    })
  })

  describe('of the express lane', () => {
    it('link a batch and its requests to each other; a batch of one is part of its trace', async () => {
      const lane = { ...settings, TASK_QUEUE: 'traced-lane', INTAKE: 'lane', INTAKE_MAX_IN_FLIGHT: '1', STARTER_WORKER: 'true' }
      const { url } = await spawnRoot(stack, 'starter', lane)
      const callers = Array.from({ length: 12 }, newCaller)
      for (const { status } of await Promise.all(callers.map((caller, i) => place(url, caller, GOODS, 1 + i))))
        assert.equal(status, 201)

      const requests = await until('all requests have come', () => callers.map((caller) => spanOf(caller, 'POST /orders')))
      const batches = collector.spans().filter(({ name }) => name === 'batch of orders')
      const linked = new Set<string>()
      for (const batch of batches) {
        await until('its run has come', () => spanOf(batch, 'RunWorkflow:createOrders'))
        assert.equal(batch.parentSpanId ?? '', '')
        for (const { spanId } of batch.links ?? []) {
          const request = requests.find((one) => one.spanId === spanId)
          assert.deepEqual(
            request?.links?.map((link) => link.spanId),
            [batch.spanId],
          )
          linked.add(spanId)
        }
      }
      assert.ok(linked.size >= 2, 'no two orders left together')
      const alone = requests.filter(({ spanId }) => !linked.has(spanId))
      assert.ok(alone.length > 0, 'the first one left at once')
      for (const request of alone) {
        await until('its run has come', () => spanOf(request, 'RunWorkflow:createOrders'))
        assert.match(
          (await treeOf(request, 'RunWorkflow:createOrders')).join('\n'),
          /^ +RunActivity:sellOrders\n +InventoryService\/Sell$/m,
        )
      }
    })
  })

  /** The names of a trace, each below its parent, siblings by name; complete when its root and its last run have come. */
  async function treeOf({ traceId }: { traceId: string }, last = 'RunWorkflow:createOrder'): Promise<string[]> {
    await until('the trace is complete', () => [spanOf({ traceId }, 'POST /orders'), spanOf({ traceId }, last)])
    const spans = collector.spans().filter((span) => span.traceId === traceId)
    const known = new Set(spans.map(({ spanId }) => spanId))
    const below = (isChild: (span: CollectedSpan) => boolean, indent: string): string[] =>
      spans
        .filter(isChild)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .flatMap(({ name, spanId, attributes }) => [
          `${indent}${attributes.some(({ key }) => key === 'db.system.name') ? 'SQL' : name}`,
          ...below((span) => span.parentSpanId === spanId, `${indent}  `),
        ])
    return below(({ parentSpanId }) => !known.has(parentSpanId ?? ''), '')
  }

  function spanOf({ traceId }: { traceId: string }, name: string): CollectedSpan {
    const found = collector.spans().find((span) => span.traceId === traceId && span.name === name)
    assert.ok(found, `no ${name} in ${traceId}`)
    return found
  }

  function services({ traceId }: { traceId: string }): string[] {
    const spans = collector.spans().filter((span) => span.traceId === traceId)
    return [...new Set(spans.map(({ service }) => service))].sort()
  }
})

const CREATED = `
POST /orders
  SQL
  StartWorkflow:createOrder
    RunWorkflow:createOrder
      StartActivity:batchGetGoods
        RunActivity:batchGetGoods
          Goods/BatchGetGoods
      StartActivity:confirmOrder
        RunActivity:confirmOrder
          SQL
      StartActivity:getUser
        RunActivity:getUser
          User/GetUserById
      StartActivity:openOrder
        RunActivity:openOrder
          SQL
      StartActivity:sell
        RunActivity:sell
          InventoryService/Sell
          SQL
`

const COMPENSATED = `
POST /orders
  SQL
  StartWorkflow:createOrder
    RunWorkflow:createOrder
      StartActivity:batchGetGoods
        RunActivity:batchGetGoods
          Goods/BatchGetGoods
      StartActivity:getUser
        RunActivity:getUser
          User/GetUserById
      StartActivity:openOrder
        RunActivity:openOrder
          SQL
      StartActivity:reback
        RunActivity:reback
          InventoryService/Reback
          SQL
          SQL
      StartActivity:sell
        RunActivity:sell
          InventoryService/Sell
          SQL
      StartActivity:voidOrder
        RunActivity:voidOrder
          SQL
`

const NOBODY: UserInfoResponse = {
  ...{ id: 0, password: '', mobile: '', email: '', nickname: '', birthday: 0n, gender: '', avatar: '', role: 0, username: '' },
}

/** Call of a gRPC handler, as far as it matters here. */
interface Call {
  request: { id: number }
  metadata: Metadata
}

interface Caller {
  traceId: string
  spanId: string
}

function linesOf(tree: string): string[] {
  return tree.trim().split('\n')
}

function newCaller(): Caller {
  return { traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') }
}

async function place(
  url: string,
  { traceId, spanId }: Caller,
  goodsId: number,
  userId = freshUser(),
): Promise<Pick<Answer, 'status' | 'body'>> {
  const answer = await fetch(`${url}/orders`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
      traceparent: `00-${traceId}-${spanId}-01`,
    },
    body: JSON.stringify(orderOf(userId, [{ goodsId, num: 1 }])),
  })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

/** Orders a cart, as the shop's gateway does. */
async function placeOverRpc(url: string, grpc: string, { traceId, spanId }: Caller): Promise<OrderInfoResponse> {
  const userId = freshUser()
  await putIntoCart(url, userId, [{ goodsId: GOODS, num: 1, checked: true }])
  const metadata = new Metadata()
  metadata.set('traceparent', `00-${traceId}-${spanId}-01`)
  const client = new OrderServiceClient(grpc, credentials.createInsecure())
  const request = { id: 0, userId, post: '', ...RECIPIENT }
  try {
    return await new Promise((resolve, reject) => {
      client.orderCreate(request, metadata, (error, order) => (error ? reject(error) : resolve(order)))
    })
  } finally {
    client.close()
  }
}

function attributesOf({ attributes }: CollectedSpan): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]))
}
