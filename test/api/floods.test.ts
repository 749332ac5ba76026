import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Counter, Registry } from 'prom-client'
import { serveMetrics } from '../../telemetry/metrics-server.ts'
import { until } from '../e2e/faults/until.ts'
import { sendRaw } from '../proof/hostile/send-raw.ts'
import { appOf, CONFIRMED, fakeParts, ORDER_SN, ordersThatSay, REQUEST, RUN, runsThat } from './parts.ts'

const HALF_BODY =
  'POST /orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"userId":7'
const HALF_HEAD = 'POST /orders HTTP/1.1\r\nhost: localhost\r\n'

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

  it('is heard up to the bound of their address, and again when one of its connections is gone; a proxy has no such bound', async () => {
    const isFull = async (port: number) => {
      const asked = await connected(port, 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
      await until('it is answered, or closed', () => assert.ok(asked.closed || asked.heard.includes('200 OK')))
      asked.socket.destroy()
      return !asked.heard.includes('200 OK')
    }
    const port = await listening({ addresses: { max: 2, isCounted: () => true } })
    const [first, second] = [await connected(port), await connected(port)]
    assert.equal(await isFull(port), true)
    first.socket.destroy()
    await until('there is room', async () => assert.equal(await isFull(port), false))
    second.socket.destroy()
    const proxied = await listening({ addresses: { max: 2, isCounted: () => false } })
    for (let i = 0; i < 5; i++) await connected(proxied)
    assert.equal(await isFull(proxied), false)
  })

  for (const [what, sent] of [
    ['a body that stops', HALF_BODY],
    ['a head that stops', HALF_HEAD],
    ['a connection that says nothing', ''],
  ] as const) {
    it(`is cut off: ${what}`, async () => {
      const port = await listening({ requestWithinMs: 300 })
      const client = await connected(port, sent)
      await until('it is closed', () => assert.ok(client.closed))
      // No refusal for ever: a starter that gets no processor cuts off what was sent in time.
      if (sent)
        assert.match(
          client.heard,
          /^HTTP\/1\.1 503 Service Unavailable\r\n[\s\S]*Retry-After: \d+\r\n[\s\S]*did not arrive in time/,
        )
    })
  }

  it('is let go after its last request, and counts for nobody who was turned away', async () => {
    const registry = new Registry()
    const { app, stop } = await appOf({ registry })
    ending.push(stop)
    await app.listen({ host: '127.0.0.1', port: 0 })
    assert.ok(app.server.keepAliveTimeout > 60_000, 'a balancer closes first')
    app.server.keepAliveTimeout = 100
    const client = await connected((app.server.address() as AddressInfo).port, 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await until('it is closed', () => assert.ok(client.closed))
    assert.match(client.heard, /^HTTP\/1\.1 200 /)
    assert.doesNotMatch(await registry.metrics(), /http_turned_away_total\{reason="answer_not_taken"\} [1-9]/)
  })

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
    const third = await connected(port, 'GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await until('it is closed', () => assert.ok(third.closed))
    assert.equal(third.heard, '')
    first.socket.destroy()
    await until('there is room', async () => {
      const next = await connected(port, 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
      await until('it is closed', () => assert.ok(next.closed))
      assert.match(next.heard, /^HTTP\/1\.1 200 /)
    })
  })

  it('is cut off though it waits for its answer, if it takes none of it', async () => {
    const registry = new Registry()
    const port = await listening({ stillMs: 300, registry })
    const client = await connected(port)
    client.socket.pause()
    client.socket.write('GET /openapi.json HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(500))
    await until('it is counted', async () => assert.match(await registry.metrics(), /reason="answer_not_taken"} 1$/m))
    client.socket.resume()
    await until('it is closed', () => assert.ok(client.closed))
  })

  describe('is cut off by the metrics of a worker as well', () => {
    const PROBE = 'GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n'

    async function worker(registry = new Registry(), stillMs = 30_000): Promise<number> {
      const any = { host: '127.0.0.1', port: 0 }
      const server = await serveMetrics(any, registry, { notReady: async () => undefined, stillMs })
      ending.push(() => server.close())
      return Number(new URL(server.url).port)
    }

    for (const [what, sent] of [
      ['a head that stops', HALF_HEAD],
      ['a body that stops', HALF_BODY],
      ['a connection that says nothing', ''],
    ] as const) {
      it(what, async () => {
        // Without the bound of still connections, which would close it too. By Node's own time-outs it stays for a minute and more.
        const client = await connected(await worker(new Registry(), 0), sent)
        await until('it is closed', () => assert.ok(client.closed), { stillMs: 45_000 })
      })
    }

    it('an answer that is not taken', async () => {
      const registry = new Registry()
      registry.registerMetric(new Counter({ name: 'long', help: 'x'.repeat(1_000_000), registers: [] }))
      const client = await connected(await worker(registry, 300))
      client.socket.pause()
      client.socket.write('GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(50))
      // It takes nothing, and so hears of its end by what it sends itself: more seldom than a connection may stand still.
      await until('it is closed', async () => {
        await sleep(1_000)
        client.socket.write('\r\n')
        assert.ok(client.closed)
      })
    })

    it('a connection above the limit', async () => {
      const port = await worker()
      const held = await Promise.all(Array.from({ length: 100 }, () => connected(port)))
      const more = await connected(port, PROBE)
      await until('it is closed', () => assert.ok(more.closed))
      assert.equal(more.heard, '')
      held[0]?.socket.destroy()
      await until('there is room', async () => {
        const next = await connected(port, PROBE)
        await until('it is closed', () => assert.ok(next.closed))
        assert.match(next.heard, /^HTTP\/1\.1 200 /)
      })
    })
  })
})

describe('bodies that are on their way', () => {
  const body = (bytes: number) => `{"address":"${'x'.repeat(bytes)}`
  const headOf = (bytes: number, length = 200_000) =>
    `POST /orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n${body(bytes)}`
  const ending: (() => unknown)[] = []

  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end()
  })

  it('have so much room together: who wants more than is left gets 503, small ones are taken, and the room comes back', async () => {
    const registry = new Registry()
    const { app, stop } = await appOf({ maxBodiesBytes: 400_000, registry })
    ending.push(stop)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const heard: string[] = []
    const sockets = Array.from({ length: 50 }, (_, i) => {
      const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
      heard[i] = ''
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        heard[i] = `${heard[i]}${chunk}`
      })
      socket.write(headOf(20_000))
      ending.push(() => socket.destroy())
      return socket
    })
    const refused = () => heard.filter((answer) => answer)
    const counted = async () => Number(/reason="too_many_bodies"} (\d+)$/m.exec(await registry.metrics())?.[1])
    // 50 of 20 KB are 1 MB.
    await until('those without room are refused, each of them counted', async () => {
      assert.ok(refused().length >= 31, `${refused().length}`)
      // What is counted comes a moment before it is heard.
      assert.equal(refused().length, await counted())
    })
    for (const answer of refused()) {
      assert.match(
        answer,
        /^HTTP\/1\.1 503 [\s\S]*retry-after: \d[\s\S]*too many bodies are on their way; this request started nothing/,
      )
    }
    assert.ok(refused().length < 50)
    const order = () =>
      fetch(`${url}/orders`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(REQUEST) })
    assert.equal((await order()).status, 201)

    const large = JSON.stringify({ ...REQUEST, requestId: 'large', lines: distinct(1_000), more: 'x'.repeat(100_000) })
    for (const socket of sockets) socket.destroy()
    await until('the room is back', async () => {
      const answer = await fetch(`${url}/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: large,
      })
      assert.equal(answer.status, 400, await answer.text())
    })
  })

  it('have one limit each, announced or in chunks', async () => {
    const { app, stop } = await appOf()
    ending.push(stop)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const chunk = `${(70_000).toString(16)}\r\n${'x'.repeat(70_000)}\r\n`
    const chunked =
      'POST /orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
    for (const sent of [headOf(10, 300_000), chunked + chunk.repeat(4)]) {
      const { status, body } = await sendRaw(url, sent)
      assert.deepEqual([status, JSON.parse(body).failure], [413, 'BodyTooLarge'])
    }
  })
})

function distinct(count: number) {
  return Array.from({ length: count }, (_, i) => ({ goodsId: i + 1, num: 1 }))
}

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
