import assert from 'node:assert/strict'
import {
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
} from '@temporalio/client'
import { CancelledFailure, TerminatedFailure } from '@temporalio/common'
import type { LaneOutcome } from '../../api/lane-order.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import type { CreateOrderResult } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import { failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { type Batch, laneIntake as intake } from './lane-intake.ts'

describe('the intake of the express lane', () => {
  it('lets a request leave at once, and those that arrive while two batches are under way leave together', async () => {
    const { lane, batches, take } = intake()
    const taken = [take(1), take(2), take(3), take(4), take(5)]
    assert.deepEqual(users(batches), [[1], [2]])
    confirmAll(batches[0])
    await taken[0]
    assert.deepEqual(users(batches), [[1], [2], [3, 4, 5]])
    assert.equal(lane.queued, 0)
    for (const batch of batches) confirmAll(batch)
    for (const outcome of await Promise.all(taken)) assert.equal(outcome.kind, 'created')
  })

  it('gives equal requests one place and one answer', async () => {
    const { batches, take } = intake()
    const taken = [take(1), take(1), take(1)]
    assert.deepEqual(users(batches), [[1]])
    confirmAll(batches[0])
    const [first, ...others] = await Promise.all(taken)
    for (const other of others) assert.deepEqual(other, first)
  })

  it('puts one order of a user into a batch, and keeps the order of arrival', async () => {
    const { batches, take } = intake({ maxInFlight: 1 })
    const taken = [take(1), take(2, 'a'), take(2, 'b'), take(3), take(2, 'c')]
    for (let i = 0; i < 4; i++) {
      confirmAll(batches[i])
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual(
      batches.map(({ requests }) => requests.map(({ userId, requestId }) => `${userId}${requestId}`)),
      [['1key'], ['2a', '3key'], ['2b'], ['2c']],
    )
    await Promise.all(taken)
  })

  it('sends at most 100 orders and 1,000 lines in a batch', async () => {
    const { batches, take } = intake({ maxInFlight: 1 })
    const taken = [take(1)]
    for (let user = 2; user <= 202; user++) taken.push(take(user))
    for (let user = 301; user <= 303; user++) taken.push(take(user, 'key', 600))
    for (let i = 0; i < 7 && taken.length > 0; i++) {
      if (batches[i]) confirmAll(batches[i])
      await new Promise((resolve) => setImmediate(resolve))
    }
    assert.deepEqual(
      batches.map(({ requests }) => requests.length),
      [1, 100, 100, 2, 1, 1],
    )
    await Promise.all(taken)
  })

  it('refuses what its queue has no place for, and takes on when there is room', async () => {
    const { batches, take } = intake({ maxInFlight: 1, maxQueue: 2 })
    const taken = [take(1), take(2), take(3)]
    await assert.rejects(take(4), (error) => failureIn(error)?.type === 'ServiceUnavailable')
    confirmAll(batches[0])
    await taken[0]
    taken.push(take(5))
    for (const batch of batches) confirmAll(batch)
    await new Promise((resolve) => setImmediate(resolve))
    for (const batch of batches) confirmAll(batch)
    await Promise.all(taken)
  })

  it('refuses at once, before anything is begun, whom it could not answer within the time that callers wait', async () => {
    const { batches, take } = intake({ maxInFlight: 1, waitMs: 100 })
    const answered = take(1)
    await new Promise((resolve) => setTimeout(resolve, 60)) // so long does a batch take here
    const taken = [take(2)]
    confirmAll(batches[0])
    await answered
    for (let user = 3; user <= 102; user++) taken.push(take(user))
    assert.equal(batches.length, 2, 'a hundred wait, and leave together')
    await assert.rejects(take(103), (error) => failureIn(error)?.type === 'ServiceUnavailable')
    confirmAll(batches[1])
    await taken[0]
    assert.deepEqual(users(batches).at(-1)?.length, 100)
    taken.push(take(104))
    for (const batch of batches) confirmAll(batch)
    await new Promise((resolve) => setImmediate(resolve))
    for (const batch of batches) confirmAll(batch)
    for (const outcome of await Promise.all(taken)) assert.equal(outcome.kind, 'created')
  })

  it('refuses nobody for a long batch alone: those that wait leave with the next', async () => {
    const { batches, take } = intake({ maxInFlight: 1, waitMs: 1 })
    const first = take(1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    confirmAll(batches[0])
    await first
    const taken = Array.from({ length: 101 }, (_, i) => take(2 + i))
    confirmAll(batches[1])
    await taken[0]
    confirmAll(batches[2])
    for (const outcome of await Promise.all(taken)) assert.equal(outcome.kind, 'created')
  })

  it('answers each caller their own outcome', async () => {
    const { batches, take } = intake({ maxInFlight: 1 })
    const taken = [take(0), take(1), take(2), take(3)]
    confirmAll(batches[0])
    await taken[0]
    const refused = failure('InsufficientStock', 'for a test')
    batches[1]?.end([
      { state: 'refused', refusal: refused },
      { state: 'handedOver', workflowId: 'create-order/2/key', why: 'for a test' },
      confirmed(3),
    ])
    assert.deepEqual((await Promise.all(taken.slice(1))).map(shape), [
      { kind: 'refused', refused },
      { kind: 'handedOver', workflowId: 'create-order/2/key' },
      { kind: 'created', orderSn: orderSnOf({ userId: 3, requestId: 'key' }) },
    ])
  })

  it('counts the orders of each batch, and those that were handed over by the reason', async () => {
    const { batches, take, metrics } = intake()
    const taken = [take(1), take(2)]
    assert.match(await metrics(), /^lane_handed_over_total\{reason="sell_unanswered"\} 0$/m)
    const workflowId = 'create-order/1/key'
    batches[0]?.end([{ state: 'handedOver', workflowId, why: 'for a test', reason: 'sell_unanswered' }])
    batches[1]?.end([confirmed(2)])
    await Promise.all(taken)
    const broken = take(3)
    batches[2]?.end(new WorkflowFailedError('it failed', new CancelledFailure('by hand'), 'NON_RETRYABLE_FAILURE'))
    await broken
    const other = take(4)
    batches[3]?.end([{ state: 'handedOver', workflowId, why: 'by a build that knows no reasons' }])
    await other
    const doubtful = take(5)
    batches[4]?.end([{ state: 'refused', refusal: failure('OrderInDoubt', 'for a test') }])
    await doubtful
    for (const line of [
      'lane_orders_total{outcome="confirmed"} 1',
      'lane_orders_total{outcome="refused"} 0',
      'lane_orders_total{outcome="in_doubt"} 1',
      'lane_orders_total{outcome="handed_over"} 3',
      'lane_handed_over_total{reason="sell_unanswered"} 1',
      'lane_handed_over_total{reason="batch_ended"} 1',
      'lane_handed_over_total{reason="other"} 1',
    ]) {
      assert.ok((await metrics()).split('\n').includes(line), `${line} is missing in\n${await metrics()}`)
    }
  })

  it('answers as soon as it hears of a confirmation, before the batch has ended', async () => {
    const { lane, batches, take } = intake()
    const taken = take(1)
    lane.confirmed(orderOf(1), batches[0]?.workflowId ?? '')
    assert.equal((await taken).kind, 'created')
    confirmAll(batches[0])
  })

  it('answers as soon as it hears that an order is refused and owes nothing, before the batch has ended', async () => {
    const { lane, batches, take } = intake()
    const taken = take(1)
    const refusal = failure('InsufficientStock', 'not enough', {})
    lane.refused({ orderSn: orderOf(1).orderSn, refusal }, 'another batch')
    lane.refused({ orderSn: orderOf(1).orderSn, refusal }, batches[0]?.workflowId ?? '')
    assert.deepEqual(await taken, { kind: 'refused', refused: refusal })
    confirmAll(batches[0])
  })

  it('sends the next batch while an answered one comes to its end, as soon as as many wait as it held', async () => {
    const { lane, batches, take } = intake({ maxInFlight: 1 })
    const taken = [take(1), take(2), take(3)]
    for (const user of [1, 2, 3]) {
      lane.confirmed(orderOf(user), batches.at(-1)?.workflowId ?? '')
      await taken[user - 1]
      if (user === 1) assert.deepEqual(users(batches), [[1], [2, 3]], 'one was answered, and two wait')
    }
    void take(4)
    assert.deepEqual(users(batches), [[1], [2, 3]], 'fewer wait than the answered batch held')
    void take(5)
    assert.deepEqual(users(batches), [[1], [2, 3], [4, 5]])
  })

  it('sends the next batch while one waits for its second round, of which the others are answered', async () => {
    const { lane, batches, take } = intake({ maxInFlight: 1 })
    const taken = [take(1), take(2), take(3)]
    confirmAll(batches[0])
    await taken[0]
    assert.deepEqual(users(batches), [[1], [2, 3]])
    const { workflowId = '', requests = [] } = batches[1] ?? {}
    const [second, third] = requests.map((request) => orderSnOf(request))
    taken.push(take(4), take(5))
    lane.unanswered([second ?? ''], 'create-orders/other')
    lane.unanswered([third ?? ''], workflowId)
    await turn()
    assert.deepEqual(users(batches), [[1], [2, 3]], 'one of them is neither answered nor comes again later')
    lane.confirmed(orderOf(2), workflowId)
    await turn()
    assert.deepEqual(users(batches), [[1], [2, 3], [4, 5]])
    for (const batch of batches) confirmAll(batch)
    for (const outcome of await Promise.all(taken)) assert.equal(outcome.kind, 'created')
  })

  it('lets only so many runs come to their end behind the answers', async () => {
    const { lane, batches, take } = intake({ maxInFlight: 1 })
    for (let user = 1; user <= 6; user++) {
      const taken = take(user)
      lane.confirmed(orderOf(user), batches.at(-1)?.workflowId ?? '')
      if (user <= 4) await taken
    }
    assert.deepEqual(users(batches), [[1], [2], [3], [4]])
    confirmAll(batches[0])
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(users(batches), [[1], [2], [3], [4], [5, 6]])
  })

  it('gives a batch a head start, once Temporal holds it and has handed it to the worker beside us', async () => {
    for (const eagerlyStarted of [true, false]) {
      const { batches, take, told, startEagerlyWith } = intake({ eagerlyStarted })
      startEagerlyWith({
        of: (_workflowId, requests) => {
          told.push(`offered ${requests.length}`)
          return { begin: () => told.push('begun'), end: () => told.push('ended') }
        },
      })
      const taken = take(1)
      await new Promise((resolve) => setImmediate(resolve))
      confirmAll(batches[0])
      await taken
      await new Promise((resolve) => setImmediate(resolve))
      assert.deepEqual(told, ['offered 1', 'started', ...(eagerlyStarted ? ['begun'] : []), 'ended'])
    }
  })

  it('never gives the answer of one body to another body of the same key', async () => {
    const { lane, batches, take } = intake()
    const [mine, other] = [take(1), take(1, 'key', 2)]
    lane.confirmed(orderOf(1), batches[0]?.workflowId ?? '')
    assert.equal((await mine).kind, 'created')
    assert.equal(batches.length, 1, 'the other body waits until the first is done')
    confirmAll(batches[0])
    await new Promise((resolve) => setImmediate(resolve))
    batches[1]?.end([{ state: 'refused', refusal: failure('IdempotencyKeyReused', 'for a test') }])
    assert.equal((await other).kind, 'refused')
  })

  it('never answers another body of the same key by what a terminated batch confirms late', async () => {
    const { lane, batches, take } = intake()
    const [mine, other] = [take(1), take(1, 'key', 2)]
    const terminated = new WorkflowFailedError('terminated', new TerminatedFailure('by hand'), 'NON_RETRYABLE_FAILURE')
    batches[0]?.end(terminated)
    assert.equal((await mine).kind, 'handedOver')
    assert.equal(batches.length, 2, 'the other body is under way')
    lane.confirmed(orderOf(1), batches[0]?.workflowId ?? '')
    batches[1]?.end([{ state: 'refused', refusal: failure('IdempotencyKeyReused', 'for a test') }])
    assert.equal((await other).kind, 'refused')
  })

  it('says to nobody that an order is under way before Temporal holds it: out of the queue it is, or waited for', async () => {
    const { batches, take } = intake({ maxInFlight: 1 })
    const [first, cut] = [take(1), new AbortController()]
    const [second, third] = [take(2, 'key', 1, cut.signal), take(3)]
    let told: unknown
    const ended = second.then(
      (outcome) => (told = outcome),
      (error: unknown) => (told = failureIn(error)?.type),
    )
    cut.abort()
    await new Promise((resolve) => setImmediate(resolve))
    assert.equal(told, undefined, 'it stands in the queue alone')
    await ended
    assert.equal(told, 'ServiceUnavailable')
    confirmAll(batches[0])
    await first
    assert.deepEqual(users(batches), [[1], [3]], 'it does not leave any more')
    confirmAll(batches[1])
    assert.equal((await third).kind, 'created')
  })

  it('lets a caller go whose wait is over, once its batch is started', async () => {
    const { batches, take } = intake({ maxInFlight: 1 })
    const [first, cut] = [take(1), new AbortController()]
    const second = take(2, 'key', 1, cut.signal)
    cut.abort()
    confirmAll(batches[0])
    await first
    assert.deepEqual(await second, { kind: 'open', workflowId: batches[1]?.workflowId, isStarted: true })
    assert.equal(batches.length, 2)
  })

  it('gives the place of a batch to others when its callers have gone, although its run never ends', async () => {
    const { batches, take } = intake({ maxInFlight: 1 })
    for (let user = 1; user <= 6; user++) {
      const cut = new AbortController()
      const taken = [take(user, 'key', 1, cut.signal), take(user, 'key', 1, cut.signal)]
      await turn()
      assert.deepEqual(users(batches).at(-1), [user])
      cut.abort()
      for (const outcome of await Promise.all(taken)) assert.equal(outcome.kind, 'open')
      await turn()
    }
  })

  it('answers nobody by the end of a batch that was cancelled or terminated, but looks for the run of each order', async () => {
    const ends = [new CancelledFailure('by hand'), new TerminatedFailure('by hand')]
    for (const cause of ends) {
      const { batches, take } = intake({ maxInFlight: 1 })
      const taken = [take(0), take(1), take(2)]
      confirmAll(batches[0])
      await taken[0]
      batches[1]?.end(new WorkflowFailedError('it failed', cause, 'NON_RETRYABLE_FAILURE'))
      const runs = [1, 2].map((userId) => `create-order/${orderSnOf({ userId, requestId: 'key' })}`)
      assert.deepEqual(
        await Promise.all(taken.slice(1)),
        runs.map((workflowId) => ({ kind: 'handedOver', workflowId })),
      )
    }
  })

  it('rejects nothing that nobody waits for: an order may be confirmed although its start is rejected in the end', async () => {
    const unheard: unknown[] = []
    const hear = (reason: unknown) => unheard.push(reason)
    process.on('unhandledRejection', hear)
    try {
      let reject: (error: Error) => void = () => {}
      const { lane, batches, take, client } = intake()
      const start = client.start
      client.start = (async (...args: Parameters<typeof start>) => {
        await start(...args)
        return await new Promise((_, rejects) => {
          reject = rejects
        })
      }) as typeof start
      const taken = take(1)
      await turn()
      lane.confirmed(orderOf(1), batches[0]?.workflowId ?? '')
      assert.equal((await taken).kind, 'created')
      reject(new ServiceError('refused', { cause: Object.assign(new Error('refused'), { code: 9 }) })) // FAILED_PRECONDITION
      await turn()
      await turn()
      assert.deepEqual(unheard, [])
    } finally {
      process.off('unhandledRejection', hear)
    }
  })

  it('leaves the fate open if a run of its own name was there already: an earlier attempt of the start made it', async () => {
    const { take, client } = intake()
    client.start = () => Promise.reject(new WorkflowExecutionAlreadyStartedError('there', 'create-orders/1', 'createOrders'))
    assert.deepEqual({ ...(await take(1)), workflowId: '' }, { kind: 'open', workflowId: '', isStarted: false })
  })

  it('leaves the fate open if the end of a batch is not known, whatever the wait for it broke of', async () => {
    for (const broke of [new ServiceError('gone'), new WorkflowNotFoundError('gone', 'create-orders/1', undefined)]) {
      const { batches, take } = intake()
      const taken = take(1)
      await new Promise((resolve) => setImmediate(resolve))
      batches[0]?.end(broke)
      assert.deepEqual(await taken, { kind: 'open', workflowId: batches[0]?.workflowId, isStarted: true })
    }
  })
})

/** Waits until the microtasks are through: only then does Node report a rejection as unhandled. */
const turn = () => new Promise((resolve) => setImmediate(resolve))

function users(batches: Batch[]): number[][] {
  return batches.map(({ requests }) => requests.map(({ userId }) => userId))
}

function confirmAll(batch: Batch | undefined): void {
  batch?.end(batch.requests.map(({ userId, requestId }) => confirmed(userId, requestId)))
}

function confirmed(userId: number, requestId = 'key'): BatchOutcome {
  return { state: 'confirmed', order: orderOf(userId, requestId) }
}

function orderOf(userId: number, requestId = 'key'): CreateOrderResult {
  const orderSn = orderSnOf({ userId, requestId })
  return { orderSn, status: 'PAYING', total: { amount: 1, currency: 'CNY' }, payDeadline: '', lines: [] }
}

function shape(outcome: LaneOutcome) {
  return outcome.kind === 'created' ? { kind: outcome.kind, orderSn: outcome.result.orderSn } : outcome
}
