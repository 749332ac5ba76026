import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMetrics } from '../../telemetry/metrics.ts'
import { type MetricsServer, serveMetrics } from '../../telemetry/metrics-server.ts'

const ANY = { host: '127.0.0.1', port: 0 }

describe('the metrics server', () => {
  const ending: (() => unknown)[] = []
  let reason: string | undefined

  afterEach(async () => {
    reason = undefined
    for (const end of ending.splice(0)) await end()
  })

  it("serves our metrics and the Temporal SDK's as one page", async () => {
    const sdk = createServer((_, response) => response.end('temporal_request_total 7\n')).listen(0, '127.0.0.1')
    ending.push(() => sdk.close())
    await once(sdk, 'listening')
    const { url } = await serve({ sdkMetrics: `127.0.0.1:${(sdk.address() as AddressInfo).port}` })
    const page = await get(`${url}/metrics`)
    assert.equal(page.status, 200)
    assert.match(page.type, /^text\/plain; version=0\.0\.4/)
    assert.match(page.body, /^# TYPE rpc_calls_total counter$/m)
    assert.match(page.body, /^temporal_request_total 7$/m)
  })

  it('is alive at once, and ready if nothing speaks against it; else it says what', async () => {
    const { url } = await serve()
    reason = 'PostgreSQL is out of reach'
    assert.deepEqual(await get(`${url}/healthz`), { status: 200, type: 'text/plain', body: 'ok\n' })
    assert.deepEqual(await get(`${url}/readyz`), { status: 503, type: 'text/plain', body: 'PostgreSQL is out of reach\n' })
    reason = undefined
    assert.equal((await get(`${url}/readyz?verbose`)).status, 200)
  })

  it('names its paths to whoever asks for another', async () => {
    const { url } = await serve()
    assert.deepEqual(await get(`${url}/`), { status: 404, type: 'text/plain', body: 'see /metrics, /healthz and /readyz\n' })
  })

  it('is read only: of a path that it knows it says which methods it takes', async () => {
    const { url } = await serve()
    for (const path of ['/metrics', '/healthz', '/readyz']) {
      const response = await fetch(`${url}${path}`, { method: 'POST', body: 'x' })
      assert.deepEqual([response.status, response.headers.get('allow')], [405, 'GET, HEAD'])
      assert.equal((await fetch(`${url}${path}`, { method: 'HEAD' })).status, 200)
    }
    assert.equal((await fetch(url, { method: 'POST' })).status, 404)
  })

  it('does not start on a taken port, and names address and setting', async () => {
    const { port } = new URL((await serve()).url)
    await assert.rejects(
      serveMetrics({ host: '127.0.0.1', port: Number(port) }, createMetrics().registry, { notReady: async () => undefined }),
      new RegExp(`METRICS_ADDR 127.0.0.1:${port} \\(EADDRINUSE\\)`),
    )
  })

  async function serve(options: { sdkMetrics?: string } = {}): Promise<MetricsServer> {
    const server = await serveMetrics(ANY, createMetrics().registry, { ...options, notReady: async () => reason })
    ending.push(() => server.close())
    return server
  }
})

async function get(url: string) {
  const response = await fetch(url)
  return { status: response.status, type: response.headers.get('content-type') ?? '', body: await response.text() }
}
