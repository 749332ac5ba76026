import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { WorkflowNotFoundError } from '@temporalio/client'
import pino from 'pino'
import { createOrderWorkflowId, WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import type { StockFault } from '../../services/inventory/stock-faults.ts'
import { startUnkeyedInventory } from '../../services/inventory/unkeyed-inventory.ts'
import { connectDatabase, type Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { orderStore } from '../../store/order-store.ts'
import { InventoryClient } from '../services/inventory-client.ts'
import { ageOrders } from '../support/age-orders.ts'
import { PATIENT_STORE, testDatabase } from '../support/postgres.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { outcome } from '../support/workflow-runs.ts'
import { BATCHED_GOODS, batchesAtEveryGate, UNKEYED_STEPS } from './faults/gated-batches.ts'
import { GatedWorkerProcess } from './faults/gated-worker-process.ts'
import { endRoots, spawnRoot } from './faults/spawn-root.ts'
import { until } from './faults/until.ts'
import { runOrders } from './run-orders.ts'
import { call, orderOf } from './shop.ts'

const TASK_QUEUE = 'unkeyed'
const LINES = [
  { goodsId: 51, num: 2 },
  { goodsId: 52, num: 1 },
]

describe('worker and starter before an inventory without keys', () => {
  let stack: TestStack
  let db: Database
  let inventory: InventoryClient
  let settings: Record<string, string>
  let worker: Awaited<ReturnType<typeof spawnRoot>>
  let url: string
  let users = 300
  /** Faults of the calls that reach the inventory, in the order of the calls; further calls have none. */
  let faults: (StockFault | undefined)[] = []
  let calls = 0

  before(async () => {
    stack = await testStack()
    // A store of its own: the stack's other tests hold theirs against the ledger of the reference inventory.
    const databaseUrl = await testDatabase()
    db = connectDatabase(databaseUrl, PATIENT_STORE)
    await migrate(db)
    const nextFault = () => {
      calls++
      return faults.shift()
    }
    const listen = { setting: 'INVENTORY_ADDR', address: '127.0.0.1:0' }
    const service = await startUnkeyedInventory(listen, await testDatabase(), pino({ level: 'silent' }), { nextFault })
    inventory = new InventoryClient(service.address, service)
    settings = {
      TASK_QUEUE,
      DATABASE_URL: databaseUrl,
      INVENTORY_TARGET: service.address,
      INVENTORY_MODE: 'unkeyed',
      STARTER_WORKER: 'false',
      SWEEP_AFTER_MS: '30001',
    }
    worker = await spawnRoot(stack, 'worker', settings)
    url = (await spawnRoot(stack, 'starter', settings)).url
  })

  after(async () => {
    await endRoots()
    await inventory?.stop()
    await db?.destroy()
  })

  it('create orders in the lane, each by one Sell', async () => {
    calls = 0
    const before = await inventory.stock(51)
    const together = await Promise.all([1, 2, 3, 4, 5].map(() => ordered()))
    for (const { answer, userId, key } of together) {
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      const own = stack.client.workflow.getHandle(createOrderWorkflowId(orderSnOf({ userId, requestId: key })))
      await assert.rejects(own.describe(), WorkflowNotFoundError)
    }
    assert.deepEqual([await inventory.stock(51), calls], [before - 10, 5])
  })

  it('create each order by a run of its own under INTAKE=single', async () => {
    const { url } = await spawnRoot(stack, 'starter', { ...settings, INTAKE: 'single' })
    const [userId, key] = [++users, randomUUID()]
    assert.equal((await place(userId, key, LINES, url)).status, 201)
    const run = stack.client.workflow.getHandle(createOrderWorkflowId(orderSnOf({ userId, requestId: key })))
    assert.equal((await run.describe()).type, WORKFLOW_TYPES.createOrder)
  })

  it('are held against the stock by reconcile: what is in doubt explains itself, what is missing is named', async () => {
    const lines = [{ goodsId: 61, num: 3 }]
    const baseline = await orders('reconcile', '--baseline', '--goods', '61')
    assert.deepEqual([baseline.status, baseline.err], [0, ''], baseline.out)
    assert.equal((await ordered(lines)).answer.status, 201)
    const clean = await orders('reconcile')
    assert.equal(clean.status, 0, clean.out)
    assert.match(clean.out, /compared with the unkeyed inventory: it keeps no ledger[\s\S]*everything is explained/)

    const doubtful: string[] = []
    for (const fault of ['commitApplied', 'commitFailed'] as const) {
      faults = [fault]
      const { answer } = await ordered(lines)
      assert.equal(answer.status, 202, fault)
      doubtful.push(String(answer.body.orderSn))
    }
    assert.equal(await inventory.stock(61), 9_994, 'of the two Sells one was applied')
    await inventory.setStock(51, (await inventory.stock(51)) - 4)
    const damaged = await orders('reconcile')
    assert.equal(damaged.status, 1)
    for (const orderSn of doubtful) {
      assert.match(damaged.out, new RegExp(`${orderSn} +in-doubt +61: \\+3 .*resolve ${orderSn} --sold or --not-sold`))
    }
    assert.match(damaged.out, /\(no single order\) +stock-drift +51: -4 /)
    assert.match(damaged.out, /unexplained: 2 × in-doubt \(6 pieces\), 1 × stock-drift \(4 pieces\)$/m)
  })

  it('answer 202 if the commit of a Sell failed, the same for each repeat, and say what is in doubt', async () => {
    faults = ['commitApplied']
    calls = 0
    const { answer, again } = await ordered()
    assert.deepEqual([answer.status, answer.body.status], [202, 'IN_DOUBT'])
    const repeated = await again()
    assert.deepEqual([repeated.status, repeated.body], [202, answer.body])
    const { body } = await call(`${url}${answer.headers.get('location')}`)
    assert.deepEqual([body.status, body.stockState, body.inDoubt], ['IN_DOUBT', 'in_doubt', LINES])
    assert.equal(calls, 1)
  })

  it('leave an order in doubt whose worker was killed during its Sell: no other worker and no sweep sends one', async () => {
    faults = ['late']
    calls = 0
    const userId = ++users
    const key = randomUUID()
    const answered = place(userId, key)
    await until('the Sell has arrived', () => assert.equal(calls, 1))
    process.kill(worker.pid, 'SIGKILL')
    await worker.exited
    worker = await spawnRoot(stack, 'worker', settings)
    const store = orderStore(db)
    const orderSn = orderSnOf({ userId, requestId: key })
    await until('it is in doubt', async () => assert.equal((await store.getOrder(orderSn))?.status, 'IN_DOUBT'))
    assert.equal((await answered).status, 202)

    await ageOrders(db, ({ eb }) => eb('order_sn', '=', orderSn))
    const sweep = { taskQueue: TASK_QUEUE, workflowId: `sweep-${randomUUID()}` }
    assert.deepEqual(await stack.client.workflow.execute(WORKFLOW_TYPES.sweepOrders, sweep), [])
    assert.equal((await place(userId, key)).status, 202)
    assert.equal(calls, 1)
  })

  it('leave an order in doubt whose starter was killed, with its worker and the head start, during its Sell', async () => {
    // Nobody else is at this queue: the head start is of this process, and so is what goes on behind it.
    const hosting = { ...settings, TASK_QUEUE: 'unkeyed-hosted', STARTER_WORKER: 'true' }
    const starter = await spawnRoot(stack, 'starter', hosting)
    faults = ['late']
    calls = 0
    const [userId, key] = [++users, randomUUID()]
    const answered = place(userId, key, LINES, starter.url).catch(() => 'none')
    await until('the Sell has arrived', () => assert.equal(calls, 1))
    process.kill(starter.pid, 'SIGKILL')
    await starter.exited
    assert.equal(await answered, 'none')
    const next = await spawnRoot(stack, 'starter', hosting)
    const store = orderStore(db)
    const orderSn = orderSnOf({ userId, requestId: key })
    await until('it is in doubt', async () => assert.equal((await store.getOrder(orderSn))?.status, 'IN_DOUBT'))
    assert.equal((await place(userId, key, LINES, next.url)).status, 202)
    assert.equal(calls, 1)
  })

  it('sell each order of a batch once whose worker was killed between any two steps', async () => {
    const gated = await GatedWorkerProcess.start(stack, settings)
    const pieces = () => Promise.all(BATCHED_GOODS.map((goodsId) => inventory.stock(goodsId)))
    const before = await pieces()
    const batches = await batchesAtEveryGate(stack, gated, UNKEYED_STEPS)
    await gated.kill()

    const another = await spawnRoot(stack, 'worker', { ...settings, TASK_QUEUE: gated.taskQueue })
    const store = orderStore(db)
    for (const { gate, orders, handle } of batches) {
      const ended = await outcome<BatchOutcome[]>(handle)
      assert.ok('result' in ended, `${gate}: ${JSON.stringify(ended)}`)
      for (const one of ended.result) {
        if (one.state === 'handedOver') await outcome(stack.client.workflow.getHandle(one.workflowId))
      }
      const rows = await store.getOrders(orders.map(({ orderSn }) => orderSn))
      assert.deepEqual(
        orders.map(({ orderSn }) => rows.get(orderSn)?.refusal?.type ?? rows.get(orderSn)?.status),
        ['PAYING', 'PAYING', 'InsufficientStock', 'UserNotFound'],
        gate,
      )
    }
    // Each good order takes one piece of the first goods and two of the second.
    const good = batches.length * 2
    assert.deepEqual(
      (await pieces()).map((left, i) => (before[i] ?? 0) - left),
      [good, good * 2, 0],
    )
    await another.stop()
  })

  async function ordered(lines = LINES) {
    const userId = ++users
    const key = randomUUID()
    const send = () => place(userId, key, lines)
    return { userId, key, answer: await send(), again: send }
  }

  function place(userId: number, key: string, lines = LINES, at = url) {
    return call(`${at}/orders`, { method: 'POST', body: orderOf(userId, lines), key })
  }

  function orders(...args: string[]) {
    return runOrders({ ...stack.env, ...settings }, args)
  }
})
