import assert from 'node:assert/strict'
import { type ServiceError, status } from '@grpc/grpc-js'
import { CallGate, type GateOptions } from '../../clients/call-gate.ts'
import { CallNotSent } from '../../clients/call-not-sent.ts'

const LIMIT = 3

describe('the bulkhead of a service', () => {
  const notSent: string[] = []
  const changes: string[] = []
  const options: GateOptions = {
    service: 'goods',
    failures: 2,
    openMs: 60_000,
    maxInFlight: LIMIT,
    onNotSent: (reason) => notSent.push(reason),
    onState: (state) => changes.push(state),
  }

  beforeEach(() => {
    notSent.length = 0
    changes.length = 0
  })

  it('sends no more calls at the same time than its limit, and says so', async () => {
    const gate = new CallGate(options)
    const slow = Array.from({ length: LIMIT }, () => underWay(gate))
    let sent = false
    const error = await gate
      .pass(async () => {
        sent = true
      })
      .catch((error: unknown) => error)
    assert.ok(error instanceof CallNotSent && error.reason === 'too_many_calls')
    assert.equal(error.message, '3 calls to goods are under way, which is the limit')
    assert.deepEqual([sent, notSent], [false, ['too_many_calls']])
    for (const { answer } of slow) answer()
    await Promise.all(slow.map(({ call }) => call))
  })

  it('has room again for each call that ended, whether it was answered or failed', async () => {
    const gate = new CallGate(options)
    for (let round = 0; round < 5; round++) {
      const slow = Array.from({ length: LIMIT }, () => underWay(gate))
      for (const [i, { answer, fail }] of slow.entries()) i % 2 ? fail(answered(status.ABORTED)) : answer()
      await Promise.allSettled(slow.map(({ call }) => call))
    }
    await gate.pass(async () => {})
    assert.deepEqual(notSent, [])
  })

  it('does not open the circuit when it is full, nor when it was held back by the circuit', async () => {
    const gate = new CallGate(options)
    const slow = Array.from({ length: LIMIT }, () => underWay(gate))
    for (let i = 0; i < 10; i++)
      await assert.rejects(
        gate.pass(async () => {}),
        CallNotSent,
      )
    assert.deepEqual(changes, [])
    for (const { fail } of slow) fail(answered(status.UNAVAILABLE))
    await Promise.allSettled(slow.map(({ call }) => call))
    assert.deepEqual(changes, ['open'])
    for (let i = 0; i < 2 * LIMIT; i++)
      await assert.rejects(
        gate.pass(async () => {}),
        { reason: 'circuit_open' },
      )
  })

  it('of one service leaves the others alone', async () => {
    const [goods, users] = [new CallGate(options), new CallGate({ ...options, service: 'user' })]
    const slow = Array.from({ length: LIMIT }, () => underWay(goods))
    assert.equal(await users.pass(async () => 'sent'), 'sent')
    for (const { answer } of slow) answer()
    await Promise.all(slow.map(({ call }) => call))
  })
})

/** A call that ends when it is told to. */
function underWay(gate: CallGate) {
  let answer = () => {}
  let fail = (_: Error) => {}
  const call = gate.pass(
    () =>
      new Promise<void>((resolve, reject) => {
        answer = resolve
        fail = reject
      }),
  )
  return { call, answer: () => answer(), fail: (error: Error) => fail(error) }
}

function answered(code: status): ServiceError {
  return Object.assign(new Error('x'), { code, details: 'x' }) as ServiceError
}
