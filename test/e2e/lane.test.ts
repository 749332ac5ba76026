import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { CreateOrderResult } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { spawnRoot } from './faults/spawn-root.ts'
import { until } from './faults/until.ts'
import { call, orderOf } from './shop.ts'
import { StockEquation } from './stock.ts'

const GOODS = [61, 62, 63]
/** Has 0 pieces in the reference inventory. */
const SOLD_OUT = 191

describe('the express lane over HTTP', function () {
  this.timeout(120_000)
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
        const settings = { TASK_QUEUE: taskQueue, INTAKE: 'lane', STARTER_WORKER: hosted }
        url = (await spawnRoot(stack, 'starter', settings)).url
        if (hosted === 'false') await spawnRoot(stack, 'worker', settings)
      })

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

      function order(key: string, userId: number, goodsId?: number) {
        const lines = (goodsId ? [goodsId] : GOODS).map((id) => ({ goodsId: id, num: 1 }))
        return call(`${url}/orders`, { method: 'POST', key, body: orderOf(userId, lines) })
      }
    })
  }
})
