import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, constants as http2 } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { type ServiceError, status } from '@grpc/grpc-js'
import { CallGate } from '../../clients/call-gate.ts'
import { CallNotSent } from '../../clients/call-not-sent.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { InventoryServiceService } from '../../proto/generated/inventory.ts'
import { until } from '../e2e/faults/until.ts'
import { withClockSet } from '../support/with-clock-set.ts'
import { AMPLE_MS } from './ample.ts'
import { listening } from './listening.ts'

const ORDER_SN = orderSnOf({ userId: 1, requestId: 'sent' })

const FAILURES = 3
/** Open time for tests that must not see the breaker half-open. Milliseconds. */
const LONG_MS = 60_000

type Answer = (error: Partial<ServiceError> | null, response?: object) => void

describe('the circuit breaker of a service', () => {
  const ending: (() => void)[] = []
  let changes: string[] = []
  const notSent: string[] = []
  let sent = 0
  let answer: (done: Answer) => void

  beforeEach(() => {
    changes = []
    notSent.length = 0
    sent = 0
    answer = (done) => done(null, {})
  })
  afterEach(() => {
    for (const end of ending.splice(0).reverse()) end()
  })

  it('opens when calls in a row find nobody, and then none is sent', async () => {
    const inventory = clientOf(`127.0.0.1:${await freePort()}`, { openMs: LONG_MS })
    for (let i = 0; i < FAILURES; i++) assert.equal((await failure(inventory)).code, status.UNAVAILABLE)
    const error = await failure(inventory)
    assert.ok(error instanceof CallNotSent)
    assert.match(error.message, /^inventory does not answer \(UNAVAILABLE\), its circuit breaker is open$/)
    assert.ok(error.retryAfterMs !== undefined && error.retryAfterMs > 0 && error.retryAfterMs <= 2 * LONG_MS)
    assert.deepEqual(changes, ['open UNAVAILABLE'])
    assert.deepEqual(notSent, ['circuit_open'])
  })

  it('opens when calls in a row exceed their deadline', async () => {
    answer = () => {}
    const inventory = await serving({ openMs: LONG_MS, deadlineMs: 100 })
    for (let i = 0; i < FAILURES; i++) assert.equal((await failure(inventory)).code, status.DEADLINE_EXCEEDED)
    assert.ok((await failure(inventory)) instanceof CallNotSent)
    // A busy machine may have had no connection yet, or not delivered what was sent, when a deadline was over.
    assert.ok(sent <= FAILURES, `${sent} were sent`)
    assert.deepEqual(changes, ['open DEADLINE_EXCEEDED'])
  })

  it('opens when streams break in the middle of calls', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    server.on('stream', (stream) => {
      stream.on('error', () => {})
      stream.close(http2.NGHTTP2_INTERNAL_ERROR)
    })
    await once(server, 'listening')
    ending.push(() => server.close())
    const inventory = clientOf(`127.0.0.1:${(server.address() as AddressInfo).port}`, { openMs: LONG_MS })
    for (let i = 0; i < FAILURES; i++) assert.equal((await failure(inventory)).code, status.INTERNAL)
    assert.ok((await failure(inventory)) instanceof CallNotSent)
    assert.deepEqual(changes, ['open INTERNAL'])
  })

  it('stays closed whatever the service answers: refusals, errors of its own, overload', async () => {
    const silent = [status.OK, status.UNAVAILABLE, status.DEADLINE_EXCEEDED]
    const answers = Object.values(status).filter((code): code is status => typeof code === 'number' && !silent.includes(code))
    const inventory = await serving({ openMs: LONG_MS })
    for (const code of answers) {
      answer = (done) => done({ code, details: '系统忙，请稍后重试' })
      for (let i = 0; i <= FAILURES; i++) assert.equal((await failure(inventory)).code, code)
    }
    assert.deepEqual([sent, changes], [answers.length * (FAILURES + 1), []])
  })

  it('counts failures in a row: an answer between them, and be it a refusal, begins anew', async () => {
    const inventory = await serving({ openMs: LONG_MS })
    for (const between of [null, { code: status.RESOURCE_EXHAUSTED, details: 'x' }]) {
      answer = (done) => done({ code: status.UNAVAILABLE, details: 'x' })
      for (let i = 1; i < FAILURES; i++) await failure(inventory)
      answer = (done) => done(between, {})
      await inventory.sell(ORDER_SN, []).catch(() => {})
    }
    assert.deepEqual(changes, [])
  })

  it('half-open lets one call through alone, which closes it when it is answered', async () => {
    const inventory = await opened({ openMs: 50 })
    let release = (): void => assert.fail('nothing was sent')
    answer = (done) => {
      release = () => done({ code: status.ABORTED, details: 'an answer' })
    }
    await until('it is half-open', () => assert.equal(changes.at(-1), 'half-open'))
    const before = sent
    const trial = failure(inventory)
    await until('the call is sent', () => assert.equal(sent, before + 1))
    for (let i = 0; i < 10; i++) assert.ok((await failure(inventory)) instanceof CallNotSent)
    assert.equal(sent, before + 1)
    release()
    assert.equal((await trial).code, status.ABORTED)
    assert.deepEqual(changes, ['open UNAVAILABLE', 'half-open', 'closed'])
    answer = (done) => done(null, {})
    await Promise.all(Array.from({ length: 10 }, () => inventory.sell(ORDER_SN, [])))
  })

  it('opens again when the one call fails, and one call is all that it takes', async () => {
    const inventory = await opened({ openMs: 50 })
    await until('it is half-open', () => assert.equal(changes.at(-1), 'half-open'))
    const before = sent
    assert.equal((await failure(inventory)).code, status.UNAVAILABLE)
    assert.ok((await failure(inventory)) instanceof CallNotSent)
    assert.equal(sent, before + 1)
    assert.deepEqual(changes, ['open UNAVAILABLE', 'half-open', 'open'])
  })

  it('sends a dead service no more than one call for each time it was open, however many ask', async () => {
    const inventory = await opened({ openMs: 50 })
    const before = sent
    await until('it was tried five times', async () => {
      await Promise.all(Array.from({ length: 20 }, () => failure(inventory)))
      assert.ok(changes.filter((change) => change === 'open').length >= 5)
    })
    assert.equal(sent - before, changes.filter((change) => change === 'open').length)
  })

  it('has those that wait come again one after the other, 20 a second, and none of them much later than in 10 s', async () => {
    const openMs = 5_000
    const inventory = await opened({ openMs })
    const waits: number[] = []
    const from = performance.now()
    for (let i = 0; i < 1_000; i++) waits.push(((await failure(inventory)) as CallNotSent).retryAfterMs ?? 0)
    // It has taken a while to ask a thousand times: place and trial stay, so what is left of each wait is less by that, twice.
    const late = 2 * (performance.now() - from)
    const within = (ms: number) => waits.filter((wait) => wait <= ms).length
    assert.ok(within(2 * openMs) >= 1, `${within(2 * openMs)}`)
    assert.ok(within(openMs + 5_000) <= (5_000 + late) / 50 + 1, `${within(openMs + 5_000)} within 5 s, asked for ${late / 2} ms`)
    assert.ok(Math.max(...waits) > 9_000 && Math.max(...waits) <= 10_000 + 2 * openMs, `${Math.max(...waits)}`)
  })

  for (const [step, ms] of [
    ['back', -900_000],
    ['forward', 900_000],
  ] as const) {
    it(`goes by no clock that can be set: one that steps ${step} while it is open changes nothing`, async () => {
      const inventory = await opened({ openMs: 1_000 })
      await withClockSet(ms, async () => {
        const { retryAfterMs = -1 } = (await failure(inventory)) as CallNotSent
        assert.ok(retryAfterMs > 0 && retryAfterMs <= 2_050, `${retryAfterMs}`)
        answer = (done) => done(null, {})
        await until('it is half-open', () => assert.equal(changes.at(-1), 'half-open'))
        await inventory.sell(ORDER_SN, [])
      })
      assert.deepEqual(changes, ['open UNAVAILABLE', 'half-open', 'closed'])
    })
  }

  it('is not opened again by calls from before it closed, nor closed by those from before it opened', async () => {
    const held: Answer[] = []
    answer = (done) => held.push(done)
    const inventory = await serving({ openMs: 50 })
    const early = Array.from({ length: FAILURES + 1 }, () => failureOrAnswer(inventory))
    await until('they are under way', () => assert.equal(held.length, FAILURES + 1))
    answer = (done) => done({ code: status.UNAVAILABLE, details: 'going down' })
    for (let i = 0; i < FAILURES; i++) await failure(inventory)
    held.pop()?.(null, {})
    assert.deepEqual(changes, ['open UNAVAILABLE'])
    answer = (done) => done(null, {})
    await until('it is half-open', () => assert.equal(changes.at(-1), 'half-open'))
    await inventory.sell(ORDER_SN, [])
    for (const done of held) done({ code: status.UNAVAILABLE, details: 'went down' })
    await Promise.all(early)
    assert.deepEqual(changes, ['open UNAVAILABLE', 'half-open', 'closed'])
    await inventory.sell(ORDER_SN, [])
  })

  async function opened(options: { openMs: number }): Promise<InventoryClient> {
    answer = (done) => done({ code: status.UNAVAILABLE, details: 'going down' })
    const inventory = await serving(options)
    for (let i = 0; i < FAILURES; i++) await failure(inventory)
    return inventory
  }

  async function serving(options: { openMs: number; deadlineMs?: number }): Promise<InventoryClient> {
    const server = await listening(InventoryServiceService, {
      sell: (_: unknown, done: Answer) => {
        sent++
        answer(done)
      },
    })
    ending.push(() => server.stop())
    return clientOf(server.address, options)
  }

  function clientOf(target: string, { openMs, deadlineMs = AMPLE_MS }: { openMs: number; deadlineMs?: number }): InventoryClient {
    // A breaker of an earlier test may still half-open: that is none of this one's changes.
    const seen = changes
    const gate = new CallGate({
      service: 'inventory',
      failures: FAILURES,
      openMs,
      maxInFlight: 100,
      onState: (state, cause) => seen.push(cause ? `${state} ${cause}` : state),
      onNotSent: (reason) => notSent.push(reason),
    })
    const client = new InventoryClient({ target, deadlineMs, gate })
    ending.push(() => client.close())
    return client
  }
})

async function failureOrAnswer(inventory: InventoryClient): Promise<void> {
  await inventory.sell(ORDER_SN, []).catch(() => undefined)
}

async function failure(inventory: InventoryClient): Promise<ServiceError | CallNotSent> {
  return await inventory.sell(ORDER_SN, []).then(
    () => assert.fail('it was answered OK'),
    (error: ServiceError | CallNotSent) => error,
  )
}
