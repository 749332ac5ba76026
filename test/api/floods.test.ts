import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { serveMetrics } from '../../metrics/metrics-server.ts'
import { until } from '../e2e/faults/until.ts'
import { appOf, CONFIRMED, fakeParts, ORDER_SN, ordersThatSay, REQUEST, RUN, runsThat } from './parts.ts'

const HALF_BODY = 'POST /orders HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"userId":7'
const HALF_HEAD = 'POST /orders HTTP/1.1\r\nhost: a\r\n'

describe('whoever holds connections without a request', () => {
  const ending: (() => unknown)[] = []

  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
  })

  async function listening(changes: Parameters<typeof appOf>[0]) {
    const { app, stop } = await appOf(changes)
    ending.push(stop)
    await app.listen({ host: '127.0.0.1', port: 0 })
    return (app.server.address() as AddressInfo).port
  }

  /** A connection that has sent this; `heard` is what came back, and `closed` whether the other side has closed it. */
  async function connected(port: number, sent = '') {
    const socket: Socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    const seen = { heard: '', closed: false, socket }
    socket.on('data', (chunk) => {
      seen.heard += chunk
    })
    socket.on('error', () => {})
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        seen.closed = true
      })
    }
    ending.push(() => socket.destroy())
    await once(socket, 'connect')
    if (sent) socket.write(sent)
    return seen
  }

  for (const [what, sent] of [
    ['a body that stops', HALF_BODY],
    ['a head that stops', HALF_HEAD],
    ['a connection that says nothing', ''],
  ] as const) {
    it(`is cut off: ${what}`, async () => {
      const port = await listening({ requestWithinMs: 300 })
      const client = await connected(port, sent)
      await until('it is closed', () => assert.ok(client.closed))
      if (sent) assert.match(client.heard, /^HTTP\/1\.1 400 [\s\S]*must arrive in time/)
    })
  }

  it('is cut off though it goes on sending a byte now and then', async () => {
    const port = await listening({ requestWithinMs: 300 })
    const client = await connected(port, HALF_BODY)
    const drip = setInterval(() => client.socket.write(' '), 20)
    await until('it is closed', () => assert.ok(client.socket.destroyed)).finally(() => clearInterval(drip))
  })

  it('does not include callers who wait for their order', async () => {
    const runs = { ...runsThat({ kind: 'open' }), outcome: async () => await sleep(2_500, { kind: 'open' as const }) }
    const port = await listening({ requestWithinMs: 300, runs, orders: ordersThatSay(undefined) })
    const answer = await fetch(`http://127.0.0.1:${port}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(REQUEST),
    })
    assert.equal(answer.status, 202)
  })

  it('can hold no more of them than the limit: one more is closed unheard, until there is room again', async () => {
    const port = await listening({ maxConnections: 2, orders: ordersThatSay(CONFIRMED) })
    const [first] = [await connected(port), await connected(port)]
    const third = await connected(port, 'GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n')
    await until('it is closed', () => assert.ok(third.closed))
    assert.equal(third.heard, '')
    first.socket.destroy()
    await until('there is room', async () => {
      const next = await connected(port, 'GET /healthz HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n')
      await until('it is closed', () => assert.ok(next.closed))
      assert.match(next.heard, /^HTTP\/1\.1 200 /)
    })
  })

  it('is cut off by the metrics of a worker as well', async () => {
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, new Registry(), { notReady: async () => undefined })
    ending.push(() => server.close())
    const client = await connected(Number(new URL(server.url).port), HALF_HEAD)
    await until('it is closed', () => assert.ok(client.closed))
  })
})

describe('readers of orders', () => {
  it('keep nobody from seeing an order that has a row, nor ask its run more often than that', async () => {
    let asked = 0
    const runs = {
      ...fakeParts().parts.runs,
      progress: async () => void asked++,
      findOpen: () => new Promise<undefined>(() => {}),
    }
    const { app } = await appOf({ runs, orders: ordersThatSay({ ...CONFIRMED, status: 'CREATING', stockState: 'selling' }) })
    const answers = await Promise.all(Array.from({ length: 50 }, () => app.inject(`/orders/${ORDER_SN}`)))
    assert.deepEqual([...new Set(answers.map(({ statusCode }) => statusCode))], [200])
    assert.ok(asked <= 4, `${asked}`)
  })

  it('take no connection of the store from orders', async () => {
    const reads = { getOrder: () => new Promise<undefined>(() => {}) }
    const { app, post } = await appOf({ reads, runs: { ...runsThat({ kind: 'open' }), start: async () => RUN } })
    void app.inject(`/orders/${ORDER_SN}`)
    assert.equal((await post()).statusCode, 202)
  })
})
