import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { type TestStack, testStack } from '../support/stack.ts'
import { endRoots, spawnRoot } from './faults/spawn-root.ts'
import { until } from './faults/until.ts'
import { call, orderOf } from './shop.ts'

const GOODS = 65
/** Has 0 pieces in the reference inventory. */
const SOLD_OUT = 191

describe('what happened to orders', () => {
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })
  afterEach(endRoots)

  for (const [arrangement, settings] of [
    ['by one run each', { TASK_QUEUE: 'counted-single', INTAKE: 'single' }],
    ['in the lane, with the worker in the starter', { TASK_QUEUE: 'counted-lane', INTAKE: 'lane' }],
  ] as const) {
    it(`${arrangement} is counted once for each, beside the metrics of the Temporal SDK`, async () => {
      const starter = await spawnRoot(stack, 'starter', settings)
      const { url } = settings.INTAKE === 'lane' ? starter : await spawnRoot(stack, 'worker', settings)
      const place = (userId: number, goodsId: number, key: string = randomUUID()) =>
        call(`${starter.url}/orders`, { method: 'POST', key, body: orderOf(userId, [{ goodsId, num: 1 }]) })

      const key = randomUUID()
      for (const { status } of await Promise.all([place(1, GOODS, key), place(1, GOODS, key), place(2, GOODS)]))
        assert.equal(status, 201)
      assert.equal((await place(1, GOODS, key)).status, 201)
      const refused = randomUUID()
      assert.equal((await place(3, SOLD_OUT, refused)).status, 422)
      assert.equal((await place(3, SOLD_OUT, refused)).status, 422)

      await until('the counts are complete', async () => {
        const page = await (await fetch(`${url}/metrics`)).text()
        const sample = (series: string) =>
          page
            .split('\n')
            .find((line) => line.startsWith(`${series} `))
            ?.split(' ')[1]
        const counts = [
          'order_create_total{outcome="confirmed"}',
          'order_create_total{outcome="InsufficientStock"}',
          'order_create_duration_seconds_count',
          'order_compensation_total{step="voidOrder",outcome="done"}',
          'order_compensation_total{step="reback",outcome="done"}',
          'rpc_calls_total{service="inventory",method="Sell",status="refused"}',
          'orders_in_compensation',
        ]
        assert.deepEqual(
          counts.map((series) => [series, sample(series)]),
          counts.map((series, i) => [series, ['2', '1', '2', '1', '1', '1', '0'][i]]),
        )
        assert.match(page, /^temporal_num_pollers\{/m)
        assert.match(page, /^process_resident_memory_bytes /m)
      })
    })
  }
})
