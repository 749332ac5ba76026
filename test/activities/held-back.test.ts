import assert from 'node:assert/strict'
import { type ServiceError, status } from '@grpc/grpc-js'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { failureOfCall } from '../../activities/failure-of-call.ts'
import { inventoryActivities } from '../../activities/inventory.ts'
import { CallGate } from '../../clients/call-gate.ts'
import { CallNotSent } from '../../clients/call-not-sent.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { InventoryServiceService } from '../../proto/generated/inventory.ts'
import { listening } from '../clients/listening.ts'

const A = orderSnOf({ userId: 1, requestId: 'sent' })

const OPEN_MS = 60_000

describe('a call that is held back', () => {
  it('is ServiceUnavailable, 10003, retried when the breaker lets a call try', () => {
    const held = new CallNotSent('circuit_open', 'inventory does not answer', 700)
    const failure = failureOfCall('inventory/Sell', held, { orderSn: 'A' })
    assert.deepEqual([failure.nonRetryable, failure.nextRetryDelay], [false, 700])
    const { type, code, details, message } = failureIn(failure) ?? assert.fail('no typed failure')
    assert.deepEqual([type, code, details], ['ServiceUnavailable', 10003, { service: 'inventory', orderSn: 'A' }])
    assert.match(message, /^inventory\/Sell was not called: inventory does not answer: /)
  })

  it('is retried as the retry policy says where too many calls are under way', () => {
    const failure = failureOfCall('goods/BatchGetGoods', new CallNotSent('too_many_calls', 'the limit'))
    assert.deepEqual([failure.type, failure.nonRetryable, failure.nextRetryDelay], ['ServiceUnavailable', false, undefined])
  })

  describe('by an open breaker', () => {
    let calls = 0
    let end = () => {}
    let activities: ReturnType<typeof inventoryActivities>

    before(async () => {
      const server = await listening(InventoryServiceService, {
        sell(_: unknown, done: (error: Partial<ServiceError>) => void) {
          calls++
          done({ code: status.UNAVAILABLE, details: 'going down' })
        },
      })
      const gate = new CallGate({ service: 'inventory', failures: 1, openMs: OPEN_MS, maxInFlight: 10 })
      const inventory = new InventoryClient({ target: server.address, deadlineMs: 5_000, gate })
      end = () => {
        inventory.close()
        server.stop()
      }
      await inventory.sell(A, []).catch(() => {})
      const claim = { status: 'CREATING', stockState: 'selling', keyed: true, held: {}, owed: [], lines: [] }
      const orders = { stockClaims: async (sns: string[]) => new Map(sns.map((orderSn) => [orderSn, { ...claim, orderSn }])) }
      activities = inventoryActivities({ inventory, orders: orders as never })
    })
    beforeEach(() => {
      calls = 0
    })
    after(() => end())

    it('has Temporal wait for as long as the breaker stays open, and little more', async () => {
      const error = await run(activities.sell, { orderSn: A, lines: [] }).catch((error: unknown) => error)
      const { nextRetryDelay } = error as { nextRetryDelay?: number }
      assert.ok(
        nextRetryDelay !== undefined && nextRetryDelay > OPEN_MS / 2 && nextRetryDelay <= 2 * OPEN_MS,
        `${nextRetryDelay}`,
      )
      assert.equal(calls, 0)
    })

    it('is unknown in the lane, which then hands over', async () => {
      const sales = [1, 2, 3].map((userId) => ({ orderSn: orderSnOf({ userId, requestId: 'sent' }), lines: [] }))
      assert.deepEqual(await run(activities.sellOrders, sales), Array(3).fill({ unknown: 'ServiceUnavailable' }))
      assert.deepEqual(await run(activities.rebackOrders, sales), [])
      assert.equal(calls, 0)
    })
  })
})

async function run<P, R>(activity: (arg: P) => Promise<R>, arg: P): Promise<R> {
  return await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(activity, arg)
}
