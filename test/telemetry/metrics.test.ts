import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { MockActivityEnvironment } from '@temporalio/testing'
import fc from 'fast-check'
import { createApp } from '../../api/app.ts'
import { laneMetrics } from '../../api/lane-metrics.ts'
import type { CallRecord } from '../../clients/unary.ts'
import { CallerLimits } from '../../limits/caller-limits.ts'
import { TrustedProxies } from '../../limits/trusted-proxies.ts'
import { measureCalls } from '../../rpc/call-metrics.ts'
import { countRefusedConnections } from '../../rpc/refused-connections.ts'
import { CallsInFlight } from '../../rpc/server/calls-in-flight.ts'
import { eventMetrics } from '../../telemetry/event-metrics.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { watchReconciliation } from '../../telemetry/reconciliation-metrics.ts'
import { watchSchedules } from '../../telemetry/schedule-metrics.ts'
import { fakeParts } from '../api/parts.ts'

const call: CallRecord = { service: 'goods', method: 'BatchGetGoods', seconds: 0.2, error: undefined }

describe('the metrics of a process', () => {
  it('count calls and time them, by service and method, those that failed apart', async () => {
    const { registry, onCall } = createMetrics()
    onCall(call)
    onCall(call)
    onCall({ ...call, error: failed(status.UNAVAILABLE) })
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

  it('count goods per call in the buckets of docs/origin.md', async () => {
    const { registry, onBatch } = createMetrics()
    for (const size of [1, 100, 150]) onBatch('goods', 'BatchGetGoods', size)
    const buckets = [1, 5, 10, 20, 50, 100, 200, '+Inf'].map((le, i) => [le, [1, 1, 1, 1, 1, 2, 3, 3][i]])
    assertLines(
      await registry.metrics(),
      buckets.map(([le, count]) => `batch_size_bucket{le="${le}",service="goods",operation="BatchGetGoods"} ${count}`),
    )
  })

  it('take refusals for answers of the business, and everything else for errors, by their gRPC status', async () => {
    const { registry, onCall } = createMetrics()
    const sell = { ...call, service: 'inventory', method: 'Sell' }
    onCall({ ...sell, error: failed(status.RESOURCE_EXHAUSTED, '商品1库存不足') })
    onCall({ ...sell, error: failed(status.RESOURCE_EXHAUSTED, 'message too large') })
    onCall({ ...sell, error: failed(status.INVALID_ARGUMENT) })
    onCall({ ...sell, error: failed(status.DEADLINE_EXCEEDED) })
    assertLines(await registry.metrics(), [
      'rpc_calls_total{service="inventory",method="Sell",status="success"} 0',
      'rpc_calls_total{service="inventory",method="Sell",status="refused"} 1',
      'rpc_calls_total{service="inventory",method="Sell",status="error"} 3',
      'rpc_errors_total{service="inventory",method="Sell",code="RESOURCE_EXHAUSTED"} 1',
      'rpc_errors_total{service="inventory",method="Sell",code="INVALID_ARGUMENT"} 1',
      'rpc_errors_total{service="inventory",method="Sell",code="DEADLINE_EXCEEDED"} 1',
      'rpc_timeouts_total{service="inventory",method="Sell"} 1',
    ])
  })

  it('count the calls of second and later attempts, and what they came to', async () => {
    const { registry, onCall } = createMetrics()
    const attempt = (number: number, record: CallRecord) =>
      new MockActivityEnvironment({ attempt: number }).run(async () => onCall(record))
    onCall(call)
    await attempt(1, call)
    await attempt(2, { ...call, error: failed(status.UNAVAILABLE) })
    await attempt(3, call)
    await attempt(4, call)
    assertLines(await registry.metrics(), [
      'rpc_retries_total{service="goods",method="BatchGetGoods",outcome="success"} 2',
      'rpc_retries_total{service="goods",method="BatchGetGoods",outcome="refused"} 0',
      'rpc_retries_total{service="goods",method="BatchGetGoods",outcome="error"} 1',
    ])
  })

  it('have the same few label values, whatever services, methods and codes they are told of', async () => {
    const { registry, onCall, onBatch, onBreakerState, onNotSent } = createMetrics()
    const name = fc.oneof(fc.string(), fc.constantFrom('goods', 'Sell', '__proto__', 'constructor', 'toString'))
    const driven = fc.property(name, name, fc.integer(), (service, method, code) => {
      onCall({ service, method, seconds: 1, error: failed(code) })
      onCall({ ...call, error: failed(code) })
      onBatch(service, method, 1)
      onBreakerState(service, 'open')
      onNotSent(service, 'circuit_open')
    })
    fc.assert(driven, { numRuns: 1_000 })
    const page = await registry.metrics()
    const values = (label: string) =>
      new Set([...page.matchAll(new RegExp(`[{,]${label}="([^"]*)"`, 'g'))].map(([, value]) => value))
    assert.deepEqual([...values('service')].sort(), ['goods', 'inventory', 'other', 'user'])
    assert.deepEqual([...values('method')].sort(), ['BatchGetGoods', 'GetUserById', 'Reback', 'Sell', 'other'])
    for (const code of values('code')) assert.ok(code === 'other' || (code && code in status), code)
  })

  it('show a breaker as 0, 1 or 2, and calls that were held back by why', async () => {
    const { registry, onBreakerState, onNotSent } = createMetrics()
    onBreakerState('goods', 'half-open')
    onBreakerState('inventory', 'open')
    onNotSent('inventory', 'circuit_open')
    assertLines(await registry.metrics(), [
      'circuit_breaker_state{service="goods",callers="orders"} 1',
      'circuit_breaker_state{service="inventory",callers="orders"} 2',
      'circuit_breaker_state{service="user",callers="orders"} 0',
      'rpc_calls_not_sent_total{service="inventory",reason="circuit_open"} 1',
      'rpc_calls_not_sent_total{service="inventory",reason="too_many_calls"} 0',
    ])
  })

  it('count orders by what became of them, and time those that were confirmed', async () => {
    const { registry, onOrderEnd, onCompensation } = createMetrics()
    onOrderEnd({ outcome: 'confirmed', seconds: 0.3 })
    onOrderEnd({ outcome: 'InsufficientStock' })
    onCompensation('reback', 'done')
    onCompensation('reback', 'failed', 3)
    assertLines(await registry.metrics(), [
      'order_create_total{outcome="confirmed"} 1',
      'order_create_total{outcome="InsufficientStock"} 1',
      'order_create_duration_seconds_bucket{le="0.25"} 0',
      'order_create_duration_seconds_bucket{le="0.5"} 1',
      'order_create_duration_seconds_count 1',
      'order_compensation_total{step="reback",outcome="done"} 1',
      'order_compensation_total{step="reback",outcome="failed"} 3',
      'order_compensation_total{step="voidOrder",outcome="done"} 0',
    ])
  })

  it('ask once for each scrape how many orders are being compensated, and show nothing if nobody knows', async () => {
    const { registry, watchCompensations } = createMetrics()
    let asked = 0
    let known = true
    watchCompensations(async () => {
      asked++
      if (!known) throw new Error('PostgreSQL is away')
      return { orders: 2, oldestSeconds: 7.5 }
    })
    assertLines(await registry.metrics(), ['orders_in_compensation 2', 'orders_in_compensation_oldest_seconds 7.5'])
    assert.equal(asked, 1)
    known = false
    assert.doesNotMatch(await registry.metrics(), /^orders_in_compensation/m)
    known = true
    assertLines(await registry.metrics(), ['orders_in_compensation 2'])
  })

  it('show for how long an order is due and what refunds are owed, and nothing if nobody knows', async () => {
    const { registry, watchOverdue } = createMetrics()
    let known = true
    watchOverdue(async () => {
      if (!known) throw new Error('PostgreSQL is away')
      return { oldestSeconds: 61.5, refundsOwed: 3 }
    })
    assertLines(await registry.metrics(), ['orders_due_oldest_seconds 61.5', 'refunds_owed 3'])
    known = false
    assert.doesNotMatch(await registry.metrics(), /^(orders_due|refunds)/m)
  })

  it('are, with those of the reconciliation and of the starter, those of the table in docs/metrics.md, with its labels', async () => {
    const { registry, watchCompensations, watchOverdue, watchArchiving } = createMetrics()
    watchCompensations(async () => ({ orders: 0, oldestSeconds: 0 }))
    watchOverdue(async () => ({ oldestSeconds: 0, refundsOwed: 0 }))
    watchArchiving(async () => 0)
    watchReconciliation(registry, { lastSummary: async () => undefined, countInDoubt: async () => 0 })
    watchSchedules(registry, async () => ({}), [])
    eventMetrics(registry, async () => ({ feedSeconds: 0, webhookSeconds: 0, givenUp: 0 }), true)
    await createApp(fakeParts({ registry }).parts)
    laneMetrics(registry)
    measureCalls(registry, new CallsInFlight(1))
    countRefusedConnections(registry)
    const limits = { perSecond: 0, servicePerSecond: 0, proxies: new TrustedProxies([]), behindGateway: false }
    new CallerLimits({ ...limits, registry })
    const document = await readFile(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
    const table = document.slice(document.indexOf('| Metric | Labels |')).split('\n\n')[0] ?? ''
    const rows = [...table.matchAll(/^\| `(\w+)` \| ([\w, ]*)\|/gm)].map(([, name, labels = '']) => [name, labels.trim()])
    const metrics = registry.getMetricsAsArray() as unknown as { name: string; labelNames: string[] }[]
    assert.deepEqual(rows.sort(), metrics.map(({ name, labelNames }) => [name, labelNames.join(', ')]).sort())
  })

  it('name what is wrong with each Schedule, and nothing while Temporal can not be asked', async () => {
    const { registry } = createMetrics()
    let known = false
    const states = async () => {
      if (!known) throw new Error('Temporal is away')
      return { sweep: 'paused', closing: 'well' }
    }
    watchSchedules(registry, states, ['missing', 'paused'])
    assert.doesNotMatch(await registry.metrics(), /^schedule_unwell\{/m)
    known = true
    const one = (schedule: string, trouble: string, value: number) =>
      `schedule_unwell{schedule="${schedule}",trouble="${trouble}"} ${value}`
    assertLines(await registry.metrics(), [one('sweep', 'paused', 1), one('sweep', 'missing', 0), one('closing', 'paused', 0)])
  })

  it('of two processes in one do not meet', async () => {
    const [one, two] = [createMetrics(), createMetrics()]
    one.onCall(call)
    assertLines(await two.registry.metrics(), ['rpc_calls_total{service="goods",method="BatchGetGoods",status="success"} 0'])
  })
})

function failed(code: number, details = ''): ServiceError {
  return Object.assign(new Error('failed'), { code, details, metadata: new Metadata() })
}

function assertLines(text: string, lines: string[]) {
  const all = new Set(text.split('\n'))
  for (const line of lines) assert.ok(all.has(line), `${line} is missing in\n${text}`)
}
