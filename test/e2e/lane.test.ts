import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { status as grpcStatus } from '@grpc/grpc-js'
import type { CreateOrderResult } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { ORDER_SN } from '../../contracts/search-attributes.ts'
import { ORDER_BUDGET_MS } from '../../contracts/time-budget.ts'
import { UserInfoResponse, UserService } from '../../proto/generated/user.ts'
import { listening } from '../clients/listening.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { endRoots, spawnRoot } from './faults/spawn-root.ts'
import { until } from './faults/until.ts'
import { type Answer, call, orderOf } from './shop.ts'
import { StockEquation } from './stock.ts'

const GOODS = [61, 62, 63]
/** Has 0 pieces in the reference inventory. */
const SOLD_OUT = 191
const UNKNOWN_GOODS = 9_999
const [NOBODY, SLOW] = [9_000_001, 9_000_002]
/** Its successors follow it in the batch. */
const AHEAD = 9_001_000

describe('the express lane over HTTP', () => {
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })

  for (const [arrangement, hosted] of [
    ['with workers of their own', 'false'],
    ['with the worker in the starter', 'true'],
  ] as const) {
    describe(arrangement, () => {
      let url: string
      const taskQueue = `lane-${hosted}`

      before(async () => {
        const settings = { TASK_QUEUE: taskQueue, STARTER_WORKER: hosted }
        url = (await spawnRoot(stack, 'starter', settings)).url
        if (hosted === 'false') await spawnRoot(stack, 'worker', settings)
      })
      after(endRoots)

      it('confirms the orders of many users at once, by few runs, and each is found in the web UI by its number', async () => {
        const stock = await StockEquation.of(stack, GOODS)
        const keys = Array.from({ length: 64 }, () => randomUUID())
        const answers = await Promise.all(keys.map((key, i) => order(key, 1 + i)))
        for (const [i, { status, body }] of answers.entries()) {
          assert.equal(status, 201, JSON.stringify(body))
          assert.equal((body as unknown as CreateOrderResult).orderSn, orderSnOf({ userId: 1 + i, requestId: keys[i] as string }))
        }
        await stock.assertHolds()
        const runs = new Set<string>()
        for (const { body } of answers) {
          await until('the run is visible', async () => {
            const query = `OrderSn = '${body.orderSn}' AND WorkflowType = 'createOrders'`
            for await (const { workflowId } of stack.client.workflow.list({ query })) return void runs.add(workflowId)
            assert.fail('not yet')
          })
        }
        assert.ok(runs.size < keys.length / 2, `${runs.size} runs`)
      })

      it('gives equal requests one order, and refuses each bad one by itself', async () => {
        const key = randomUUID()
        const bad = randomUUID()
        const equal = Array.from({ length: 10 }, () => order(key, 71))
        const [refused, ...answers] = await Promise.all([order(bad, 72, SOLD_OUT), ...equal])
        assert.equal(refused?.body.code, 10002)
        for (const { status, body } of answers) assert.deepEqual([status, body], [201, answers[0]?.body])
        assert.deepEqual((await order(key, 71)).body, answers[0]?.body)
        assert.deepEqual((await order(bad, 72, SOLD_OUT)).body.code, 10002)
        assert.equal((await order(key, 71, 62)).status, 422)
      })

      it('goes on over kill -9 of the inventory, and nothing leaks', async () => {
        const stock = await StockEquation.of(stack, GOODS)
        const placed = Array.from({ length: 40 }, (_, i) => order(randomUUID(), 101 + i))
        stack.kill('inventory', 'SIGKILL')
        for (const { status, body } of await Promise.all(placed))
          assert.ok(status === 201 || status === 202, JSON.stringify(body))
        await stock.assertHolds()
      })

      const order = (key: string, userId: number, goodsId?: number) => place(url, key, userId, goodsId ? [goodsId] : GOODS)
    })
  }

  it('lets no bad order of a batch of 100 hold up or fail its neighbours, nor one that is waited for', async () => {
    const users = await userService()
    const settings = { TASK_QUEUE: 'lane-mixed', USER_TARGET: users.address, STARTER_WORKER: 'false' }
    const [{ url }, worker] = await Promise.all([spawnRoot(stack, 'starter', settings), spawnRoot(stack, 'worker', settings)])
    const stock = await StockEquation.of(stack, [...GOODS, SOLD_OUT])
    // The worker stands still: this one takes the lane, and all that follow wait for it and leave together.
    process.kill(worker.pid, 'SIGSTOP')
    const began = Date.now()
    const ahead = place(url, randomUUID(), AHEAD)
    await until('the lane is taken', async () => {
      const { count } = await stack.client.workflow.count(`TaskQueue = '${settings.TASK_QUEUE}' AND ExecutionStatus = 'Running'`)
      assert.equal(count, 1)
    })
    const [good = 0] = GOODS
    const batch: { userId: number; goodsIds?: number[]; told: number }[] = [
      { userId: AHEAD + 1, told: 201 },
      { userId: AHEAD + 2, goodsIds: [good, UNKNOWN_GOODS], told: 10_001 },
      { userId: NOBODY, told: 10_009 },
      ...Array.from({ length: 95 }, (_, i) => ({ userId: AHEAD + 3 + i, goodsIds: [good, SOLD_OUT], told: 10_002 })),
      { userId: AHEAD + 98, told: 201 },
    ]
    const requests = [...batch, { userId: SLOW }].map((one) => ({ goodsIds: GOODS, ...one, requestId: randomUUID() }))
    const answers = requests.map(({ userId, requestId, goodsIds }) => place(url, requestId, userId, goodsIds))
    // Answered behind all that were sent before: they have arrived.
    for (let i = 0; i < 3; i++) await call(`${url}/healthz`)
    process.kill(worker.pid, 'SIGCONT')

    const slow = answers.pop()
    const told = (await Promise.all(answers)).map(({ status, body }) => (status === 201 ? status : body.code))
    assert.deepEqual(
      told,
      batch.map((one) => one.told),
    )
    users.answerSlow() // not before all of its neighbours had their answers
    const inTime = Date.now() - began < ORDER_BUDGET_MS / 2
    const { status } = (await slow) as Answer
    // On a machine whose neighbours alone take most of its budget it may come too late.
    if (inTime || status !== 504) assert.equal(status, 201)
    assert.equal((await ahead).status, 201)
    await stock.assertHolds()
    await until('all of them are found by one run', async () => {
      const query = `OrderSn = '${orderSnOf({ requestId: '', userId: 0, ...requests[0] })}'`
      for await (const { type, typedSearchAttributes } of stack.client.workflow.list({ query })) {
        assert.deepEqual([type, typedSearchAttributes.get(ORDER_SN)?.length], ['createOrders', requests.length])
        return
      }
      assert.fail('not yet')
    })
    await endRoots()
    users.stop()
  })
})

/** A user service that knows everybody but NOBODY, and says nothing of SLOW until it is told to. */
async function userService() {
  let isSlow = true
  const service = await listening(UserService, {
    getUserById({ request: { id } }: { request: { id: number } }, answer: (error: object | null, user?: object) => void) {
      if (id === NOBODY) answer({ code: grpcStatus.UNKNOWN, details: 'record not found' })
      else if (id !== SLOW || !isSlow) answer(null, { ...UserInfoResponse.decode(Buffer.of()), id })
    },
  })
  return {
    ...service,
    answerSlow() {
      isSlow = false
    },
  }
}

function place(url: string, key: string, userId: number, goodsIds: readonly number[] = GOODS) {
  const lines = goodsIds.map((goodsId) => ({ goodsId, num: 1 }))
  return call(`${url}/orders`, { method: 'POST', key, body: orderOf(userId, lines) })
}
