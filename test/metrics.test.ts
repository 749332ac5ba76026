import assert from 'node:assert/strict'
import type { CallRecord } from '../clients/channel.ts'
import { createMetrics } from '../metrics.ts'

const call: CallRecord = { service: 'goods', method: 'BatchGetGoods', seconds: 0.2, error: undefined }

describe('the metrics of a process', () => {
  it('count calls and time them, by service and method, those that failed apart', async () => {
    const { registry, onCall } = createMetrics()
    onCall(call)
    onCall(call)
    onCall({ ...call, error: Object.assign(new Error('x'), { code: 14, details: 'x', metadata: {} as never }) })
    onCall({ ...call, service: 'inventory', method: 'Sell' })
    assertLines(await registry.metrics(), [
      'rpc_calls_total{service="goods",method="BatchGetGoods",status="success"} 2',
      'rpc_calls_total{service="goods",method="BatchGetGoods",status="error"} 1',
      'rpc_calls_total{service="inventory",method="Sell",status="success"} 1',
      'rpc_call_duration_seconds_count{service="goods",method="BatchGetGoods"} 3',
      'rpc_call_duration_seconds_bucket{le="0.1",service="goods",method="BatchGetGoods"} 0',
      'rpc_call_duration_seconds_bucket{le="0.25",service="goods",method="BatchGetGoods"} 3',
    ])
  })

  it("count goods per call in the seed's buckets", async () => {
    const { registry, onBatch } = createMetrics()
    for (const size of [1, 100, 150]) onBatch('goods', 'BatchGetGoods', size)
    const buckets = [1, 5, 10, 20, 50, 100, 200, '+Inf'].map((le, i) => [le, [1, 1, 1, 1, 1, 2, 3, 3][i]])
    assertLines(
      await registry.metrics(),
      buckets.map(([le, count]) => `batch_size_bucket{le="${le}",service="goods",operation="BatchGetGoods"} ${count}`),
    )
  })

  it('of two processes in one do not meet', async () => {
    const [one, two] = [createMetrics(), createMetrics()]
    one.onCall(call)
    assert.doesNotMatch(await two.registry.metrics(), /rpc_calls_total\{/)
  })
})

function assertLines(text: string, lines: string[]) {
  const all = new Set(text.split('\n'))
  for (const line of lines) assert.ok(all.has(line), `${line} is missing in\n${text}`)
}
