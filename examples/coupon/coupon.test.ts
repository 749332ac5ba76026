import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { status } from '@grpc/grpc-js'
import { Client, Connection, type WorkflowFailedError } from '@temporalio/client'
import pino from 'pino'
import { failureIn } from '../../contracts/application-failure.ts'
import { createOrderWorkflowId, TASK_QUEUE } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { type Stack, startStack } from '../../dev/stack.ts'
import type { RunningService } from '../../rpc/server/serve.ts'
import { StatusError } from '../../rpc/server/status-error.ts'
import type { Database } from '../../store/database.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { until } from '../../test/e2e/faults/until.ts'
import { testDatabase } from '../../test/support/postgres.ts'
import { PATIENT_STACK } from '../../test/support/stack.ts'
import { tempDir } from '../../test/support/temp-dir.ts'
import { connectPatiently } from '../../test/support/test-store.ts'
import { CouponLedger } from './coupon-ledger.ts'
import { type CouponFaults, startCoupon } from './coupon-service.ts'

const USES = 100
const SOLD_OUT = 191

/** Runs on the real stack: Temporal, PostgreSQL, worker and starter as processes, the services over gRPC. */
describe('an order with a coupon', () => {
  const faults: CouponFaults = {}
  let ledger: CouponLedger
  let coupons: RunningService
  let stack: Stack
  let db: Database
  let store: OrderStore
  let client: Client
  let users = 0

  before(async () => {
    ledger = await CouponLedger.open(await testDatabase(), { SPRING: USES })
    coupons = await startCoupon(ledger, pino({ level: 'silent' }), faults)
    const env = { COUPON_TARGET: coupons.address, SWEEP_AFTER_MS: '60000', SWEEP_EVERY_MS: '3000', ...PATIENT_STACK }
    stack = await startStack({ dataDir: await tempDir(), log: () => {}, anyPorts: true, env })
    db = connectPatiently(stack.databaseUrl)
    store = orderStore(db)
    client = new Client({
      connection: await Connection.connect({ address: stack.temporal.address }),
      namespace: stack.temporal.namespace,
    })
  })
  after(async () => {
    await client?.connection.close()
    await db?.destroy()
    await stack?.stop()
    await coupons?.stop()
    await ledger?.close()
  })
  afterEach(() => {
    delete faults.afterUse
    delete faults.beforeReturn
  })

  it('uses it in the lane, and keeps it', async () => {
    const before = await ledger.usesLeft('SPRING')
    const order = asked()
    const answer = await post(order)
    assert.equal(answer.status, 201, JSON.stringify(answer.body))
    await holds(order, 'USED', [])
    assert.equal(await ledger.usesLeft('SPRING'), Number(before) - 1)
    const run = await client.workflow
      .list({ query: `OrderSn = '${orderSnOf(order)}'` })
      [Symbol.asyncIterator]()
      .next()
    assert.equal(run.value?.type, 'createOrders', 'it took the lane')
    assert.equal((await post({ ...order, coupon: 'AUTUMN' })).body.failure, 'IdempotencyKeyReused')
    assert.equal((await post({ ...asked(), coupon: undefined })).status, 201, 'without one nothing is used')
  })

  it('uses it in a run of its own', async () => {
    const order = asked()
    const created = await place(order)
    assert.equal((created as { status: string }).status, 'PAYING')
    await holds(order, 'USED', [])
  })

  it('is refused with a coupon that there is not, in both lanes, and nothing is owed', async () => {
    const inLane = asked({ coupon: 'AUTUMN' })
    const answer = await post(inLane)
    assert.deepEqual([answer.status, answer.body.failure], [422, 'CouponRefused'])
    const single = asked({ coupon: 'AUTUMN' })
    assert.equal(failureIn(await place(single).catch((error: WorkflowFailedError) => error.cause))?.type, 'CouponRefused')
    for (const order of [inLane, single]) await holds(order, 'RETURNED', [])
  })

  it('gets it back when its stock is refused, in both lanes', async () => {
    const before = await ledger.usesLeft('SPRING')
    const inLane = asked({ goodsId: SOLD_OUT })
    assert.equal((await post(inLane)).body.failure, 'InsufficientStock')
    const single = asked({ goodsId: SOLD_OUT })
    assert.equal(failureIn(await place(single).catch((error: WorkflowFailedError) => error.cause))?.type, 'InsufficientStock')
    for (const order of [inLane, single]) await holds(order, 'RETURNED', [])
    assert.equal(await ledger.usesLeft('SPRING'), before)
  })

  it('is paid back its stock while the coupon service fails, and its coupon when that is well again', async () => {
    const before = await ledger.usesLeft('SPRING')
    let fails = true
    faults.beforeReturn = async () => {
      if (fails) throw new StatusError(status.UNAVAILABLE, 'for a test')
    }
    const order = asked({ goodsId: SOLD_OUT })
    const ended = place(order).catch((error: WorkflowFailedError) => error.cause)
    await until('the stock is given back, and the coupon is owed', async () => {
      const row = await store.getOrder(orderSnOf(order))
      assert.deepEqual([row?.stockState, row?.owed], ['returned', ['coupon']])
    })
    assert.equal(await ledger.stateOf(orderSnOf(order)), 'USED')
    fails = false
    assert.equal(failureIn(await ended)?.type, 'InsufficientStock')
    await holds(order, 'RETURNED', [])
    assert.equal(await ledger.usesLeft('SPRING'), before)
  })

  it('gets it back by the sweep when its run was terminated behind Use', async () => {
    const before = await ledger.usesLeft('SPRING')
    const order = asked()
    const workflowId = createOrderWorkflowId(orderSnOf(order))
    let isTerminated = false
    faults.afterUse = async () => {
      if (isTerminated) return
      isTerminated = true
      await client.workflow.getHandle(workflowId).terminate('for a test')
    }
    await place(order).catch(() => {})
    assert.ok(isTerminated)
    await until('the sweep has settled it', async () => {
      // Old enough for the sweep.
      await db
        .updateTable('orders')
        .set({ updated_at: new Date(0) })
        .where('order_sn', '=', orderSnOf(order))
        .execute()
      assert.equal((await store.getOrder(orderSnOf(order)))?.status, 'TRADE_CLOSED')
      await holds(order, 'RETURNED', [])
    })
    assert.equal(await ledger.usesLeft('SPRING'), before)
  })

  type Asked = ReturnType<typeof asked>

  function asked({ coupon = 'SPRING', goodsId = 1 } = {}) {
    const who = { userId: 1 + (users++ % 500), address: '1 Test Street', name: 'Somebody', mobile: '0100' }
    return { ...who, requestId: randomUUID(), coupon: coupon as string | undefined, lines: [{ goodsId, num: 10 }] }
  }

  async function post({ requestId, ...body }: Asked) {
    const headers = { 'content-type': 'application/json', 'idempotency-key': requestId }
    const response = await fetch(`${stack.httpUrl}/orders`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: (await response.json()) as { failure?: string } }
  }

  async function place(order: Asked): Promise<unknown> {
    const options = { taskQueue: TASK_QUEUE, workflowId: createOrderWorkflowId(orderSnOf(order)), args: [order] }
    return await client.workflow.execute('createOrder', options)
  }

  async function holds(order: Asked, state: string, owed: string[]): Promise<void> {
    const row = await store.getOrder(orderSnOf(order))
    assert.deepEqual([await ledger.stateOf(orderSnOf(order)), row?.owed], [state, owed])
  }
})
