import assert from 'node:assert/strict'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { promisify } from 'node:util'
import type { Run, RunOutcome } from '../../temporal/order-runs.ts'
import { until } from '../e2e/faults/until.ts'
import { appOf, fakeParts, REQUEST, RESULT, RUN } from './parts.ts'

interface Heard {
  status: number | undefined
  connection: string | undefined
}

/** A listening app whose runs end when the test says so. */
async function listeningApp() {
  const ends: ((outcome: RunOutcome) => void)[] = []
  const arrived: (() => void)[] = []
  const outcome = (_: Run, signal: AbortSignal) =>
    new Promise<RunOutcome>((resolve) => {
      ends.push(resolve)
      signal.addEventListener('abort', () => resolve({ kind: 'open' }))
      arrived.shift()?.()
    })
  const untilOneWaits = () => new Promise<void>((resolve) => arrived.push(resolve))
  const { app, stop } = await appOf({ runs: { ...fakeParts().parts.runs, start: async () => RUN, outcome } })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true })
  return {
    port,
    stop,
    ends,
    untilOneWaits,
    connections: promisify(app.server.getConnections.bind(app.server)),
    /** Comes back once the request waits for its run. */
    async post(): Promise<{ answer: Promise<Heard> }> {
      const waits = untilOneWaits()
      const answer = send(agent, port, 'POST', '/orders', JSON.stringify(REQUEST))
      await waits
      return { answer }
    },
    get: (path: string) => send(agent, port, 'GET', path),
  }
}

function send(agent: Agent, port: number, method: string, path: string, body?: string): Promise<Heard> {
  return new Promise((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {}
    const sent = httpRequest({ host: '127.0.0.1', port, method, path, agent, headers }, (answer: IncomingMessage) => {
      answer.resume()
      answer.on('end', () => resolve({ status: answer.statusCode, connection: answer.headers.connection }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

describe('a starter that is stopped', () => {
  it('answers what is in flight with its order, closes the connection after it, and takes no new connection', async () => {
    const { post, stop, ends, port } = await listeningApp()
    const { answer } = await post()
    const stopped = stop()
    await assert.rejects(send(new Agent(), port, 'GET', '/healthz'), { code: 'ECONNREFUSED' })
    ends[0]?.({ kind: 'created', result: RESULT })
    assert.deepEqual(await answer, { status: 201, connection: 'close' })
    await stopped
  })

  it('still answers a request on a connection that is open, and is not ready', async () => {
    const { get, stop } = await listeningApp()
    assert.deepEqual(await get('/readyz'), { status: 200, connection: 'keep-alive' })
    const stopped = stop()
    assert.deepEqual(await get('/readyz'), { status: 503, connection: 'close' })
    await stopped
  })

  it('does not wait for who hung up', async () => {
    const { untilOneWaits, connections, port, stop } = await listeningApp()
    const waits = untilOneWaits()
    const hanging = connect(port, '127.0.0.1')
    const body = JSON.stringify(REQUEST)
    const head = `host: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}`
    hanging.write(`POST /orders HTTP/1.1\r\n${head}\r\n\r\n${body}`)
    await waits
    hanging.destroy()
    await until('the starter has noticed', async () => assert.equal(await connections(), 0))
    const stopped = stop()
    await stop() // cuts the waits, also the one of which nobody hears
    await stopped
  })

  it('gives up a request whose rest never comes', async () => {
    const { port, stop, get } = await listeningApp()
    const halting = connect(port, '127.0.0.1')
    halting.on('error', () => {})
    halting.write('POST /orders HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{')
    await get('/healthz') // sent later, answered: the other one has been read
    await stop()
    halting.destroy()
  })

  it('answers 202 to those who would wait too long, at once when it is asked twice', async () => {
    const { post, stop } = await listeningApp()
    const { answer } = await post()
    const stopped = stop()
    await stop()
    assert.equal((await answer).status, 202)
    await stopped
  })

  it('does not wait for a connection that never sent a request', async () => {
    const { port, stop } = await listeningApp()
    const socket = connect(port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => undefined)
    await stop()
    await closed
  })
})
