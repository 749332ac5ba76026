import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { credentials } from '@grpc/grpc-js'
import { OrderServiceClient } from '../../proto/generated/order.ts'
import { until } from '../e2e/faults/until.ts'
import { call, orderOf } from '../e2e/shop.ts'
import { promtool } from '../support/promtool.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { tempDir } from '../support/temp-dir.ts'
import { metricNames } from './metric-names.ts'
import { panelQueries } from './panels.ts'
import { type PrometheusServer, startPrometheus } from './prometheus-server.ts'

/** Ordered goods: on sale and in stock; with 0 pieces; not existing. */
const ORDERED = [64, 191, 64, 64, 201]

describe('the dashboard', () => {
  it('has queries that Prometheus understands', async () => {
    const queries = await panelQueries()
    assert.ok(queries.length >= 30)
    assert.deepEqual(await parse(queries.map(({ expr }) => expr)), 0)
    assert.notEqual(await parse(['sum by (service (rpc_calls_total)']), 0, 'others are found out')
  })

  describe('on a real Prometheus that scrapes the running parts', () => {
    let stack: TestStack
    let prometheus: PrometheusServer
    let pages: string[]
    const leaving = new AbortController()
    let traffic: Promise<void>

    before(async () => {
      stack = await testStack()
      pages = [`127.0.0.1:${stack.ports.workerMetrics}`, `127.0.0.1:${stack.ports.http}`]
      prometheus = await startPrometheus(pages)
      await stack.client.schedule.getHandle('reconcile-stock').trigger() // by itself it would come minutes later
      traffic = order(`${stack.httpUrl}/orders`, `127.0.0.1:${stack.ports.grpc}`, leaving.signal)
    })

    after(async () => {
      leaving.abort()
      await traffic
    })

    it('shows data in every panel, also of an outage', async () => {
      await until('the first orders', async () =>
        assert.notEqual((await prometheus.ask('outcome:order_create:rate1m > 0')).length, 0),
      )
      await stack.stopPart('inventory')
      try {
        const errors = 'service_method_code:rpc_errors:ratio_rate1m{service="inventory"} > 0'
        await until('errors of the inventory', async () => assert.notEqual((await prometheus.ask(errors)).length, 0))
      } finally {
        await stack.startPart('inventory')
      }
      await until('every panel has data', async () => assert.deepEqual(await emptyPanels(prometheus), []))
    })

    it('and the rules name only metrics that the parts export, and Prometheus evaluates each rule', async () => {
      const texts = await Promise.all(pages.map(async (page) => (await fetch(`http://${page}/metrics`)).text()))
      const exported = new Set(texts.join('\n').match(/^[a-zA-Z_:][\w:]*/gm))
      const rules = await prometheus.rules()
      const recorded = new Set(rules.filter(({ type }) => type === 'recording').map(({ name }) => name))
      const queries = [...(await panelQueries()).map(({ expr }) => expr), ...rules.map(({ query }) => query)]
      const named = new Set(queries.flatMap(metricNames))
      assert.ok(named.size > 30, `${named.size} metrics are named`)
      assert.deepEqual(
        [...named].filter((name) => !exported.has(name) && !recorded.has(name)),
        [],
      )
      assert.deepEqual(
        rules.filter(({ health }) => health !== 'ok'),
        [],
      )
    })
  })

  it('is searched for metrics, and for nothing that looks like them', () => {
    const expr =
      'max by (service) (a_b:rate1m{le="c"}[5m]) / on (d) group_left (e) (sum(f) > 0) or histogram_quantile(0.9, rate(g_bucket[1m]))'
    assert.deepEqual(metricNames(expr), ['a_b:rate1m', 'f', 'g_bucket'])
  })
})

/** Orders of all kinds, one after the other, each with some user of its own: a stopped inventory holds up nobody else. Beside them, carts over gRPC. */
async function order(url: string, grpcAddress: string, signal: AbortSignal): Promise<void> {
  const carts = new OrderServiceClient(grpcAddress, credentials.createInsecure())
  const waits: Promise<unknown>[] = []
  for (let i = 0; !signal.aborted; i++) {
    const lines = [{ goodsId: ORDERED[i % ORDERED.length] as number, num: 1 }]
    waits.push(call(url, { method: 'POST', key: randomUUID(), body: orderOf(1 + (i % 100), lines) }))
    carts.cartItemList({ id: 1 + (i % 100) }, () => undefined)
    await sleep(200)
  }
  await Promise.all(waits)
  carts.close()
}

/** Returns the panels that have a query without a number to show. */
async function emptyPanels({ ask }: PrometheusServer): Promise<string[]> {
  const empty = await Promise.all(
    (await panelQueries()).map(async ({ panel, expr }) => {
      const samples = await ask(expr)
      return samples.some(({ value: [, value] }) => Number.isFinite(Number(value))) ? [] : [`${panel}: ${expr}`]
    }),
  )
  return empty.flat()
}

/** Promtool checks rules; each query is one. @returns its status */
async function parse(exprs: string[]): Promise<number | null> {
  const dir = await tempDir()
  const rules = exprs.map((expr, i) => ({ record: `query_${i}`, expr }))
  await writeFile(join(dir, 'rules.yml'), JSON.stringify({ groups: [{ name: 'panels', rules }] }))
  return (await promtool(['check', 'rules', 'rules.yml'], dir)).status
}
