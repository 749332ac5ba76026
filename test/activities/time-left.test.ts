import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import { goodsActivities } from '../../activities/goods.ts'
import { inventoryActivities } from '../../activities/inventory.ts'
import { LanePace } from '../../activities/lane-pace.ts'
import { attemptClock, timeLeft } from '../../activities/time-left.ts'
import { unkeyedInventoryActivities } from '../../activities/unkeyed-inventory.ts'
import { userActivities } from '../../activities/user.ts'
import { UserClient } from '../../clients/user-client.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { parseOrderSn } from '../../contracts/order.ts'
import { UserInfoResponse, UserService } from '../../proto/generated/user.ts'
import { type Listening, listening } from '../clients/listening.ts'

/** Far above what either test takes, so that the bounds below can be told apart on a slow machine. Milliseconds. */
const LONG_MS = 3_600_000

/** Time that an attempt reserves to report how it ended. Milliseconds. */
const RESERVED_MS = 200

describe('the time that an attempt has left', () => {
  const seen: number[] = []
  let server: Listening
  let users: UserClient

  before(async () => {
    server = await listening(UserService, {
      getUserById(call: { getDeadline(): number | Date }, done: (error: null, user: object) => void) {
        seen.push(Number(call.getDeadline()) - Date.now())
        done(null, UserInfoResponse.decode(Buffer.of()))
      },
    })
    users = new UserClient({ target: server.address, deadlineMs: LONG_MS })
  })
  beforeEach(() => {
    seen.length = 0
  })
  after(() => {
    users.close()
    server.stop()
  })

  it('bounds its call, and the service is sent that deadline', async () => {
    const { getUser } = userActivities({ users })
    await worker({ startToCloseTimeoutMs: LONG_MS / 2 }).run(getUser, 7)
    await worker({ startToCloseTimeoutMs: LONG_MS * 2 }).run(getUser, 7)
    const [bounded = 0, unbounded = 0] = seen
    assert.ok(bounded > 0 && bounded <= LONG_MS / 2, `${bounded}`)
    assert.ok(unbounded > LONG_MS / 2 && unbounded <= LONG_MS, `${unbounded}`)
  })

  it('bounds the calls of the lane beside their own bound', async () => {
    const lane = userActivities({ users, lanePace: new LanePace({ floorMs: LONG_MS / 4, ceilingMs: LONG_MS / 4 }) })
    await worker({ startToCloseTimeoutMs: LONG_MS }).run(lane.getUsers, [7])
    await worker({ startToCloseTimeoutMs: LONG_MS / 8 }).run(lane.getUsers, [7])
    const [byLane = 0, byAttempt = 0] = seen
    assert.ok(byLane > LONG_MS / 8 && byLane <= LONG_MS / 4, `${byLane}`)
    assert.ok(byAttempt > 0 && byAttempt <= LONG_MS / 8, `${byAttempt}`)
  })

  it('bounds every call that takes stock, gives it back, or asks for goods', async () => {
    const given: number[] = []
    const called = async (...args: unknown[]) => {
      given.push(Number(args.at(-1)))
      return []
    }
    const inventory = { sell: called, reback: called, sellUnkeyed: called, rebackUnkeyed: called }
    const sale = { orderSn: parseOrderSn('AAAAAAAAAAAAAAAA'), lines: [] }
    for (const keyed of [true, false]) {
      for (const effect of ['sell', 'reback'] as const) {
        const state = effect === 'sell' ? { status: 'CREATING', owed: [] } : { status: 'TRADE_CLOSED', owed: ['inventory'] }
        const claim = { ...sale, ...state, stockState: 'selling', held: {}, userId: 7, keyed }
        const orders = {
          stockClaims: async () => new Map([[sale.orderSn, claim]]),
          markReturned: async () => [],
          markReturnedSparing: async () => ({ done: [], failed: [] }),
        }
        const unkeyed = {
          markSent: async () => ({ kind: 'send', mark: 'now' }),
          recordAnswers: async () => new Set([sale.orderSn]),
        }
        const deps = { inventory, orders, unkeyed } as never
        const steps = keyed ? inventoryActivities(deps) : unkeyedInventoryActivities(deps)
        await worker({ startToCloseTimeoutMs: LONG_MS }).run(steps[effect], sale)
        if (keyed) await worker({ startToCloseTimeoutMs: LONG_MS }).run(steps[`${effect}Orders`], [sale])
      }
    }
    const { batchGetGoods } = goodsActivities({ goods: { batchGetGoods: called } as never, currency: 'CNY' })
    await worker({ startToCloseTimeoutMs: LONG_MS }).run(batchGetGoods, [7])
    assert.equal(given.length, 7)
    for (const ms of given) assert.ok(ms > 0 && ms <= LONG_MS - RESERVED_MS, `${ms}`)
  })

  it('gets less from the beginning of the attempt on, not from the first call', async () => {
    let [early, late] = [0, 0]
    await worker({ startToCloseTimeoutMs: LONG_MS }).run(async () => {
      await sleep(60)
      early = timeLeft()
      await sleep(60)
      late = timeLeft()
    })
    assert.ok(early <= LONG_MS - RESERVED_MS - 50 && late <= early - 50, `${early} ${late}`)
  })

  it('ends the call before Temporal ends the attempt, as a failure that is retried', async () => {
    const silent = await listening(UserService, { getUserById: () => {} })
    const waiting = new UserClient({ target: silent.address, deadlineMs: LONG_MS })
    try {
      const { getUser } = userActivities({ users: waiting })
      const error = await worker({ startToCloseTimeoutMs: 300 })
        .run(getUser, 7)
        .catch((error: unknown) => error)
      assert.equal(failureIn(error)?.type, 'ServiceUnavailable')
      assert.match(failureIn(error)?.message ?? '', new RegExp(`answered ${status[status.DEADLINE_EXCEEDED]}`))
    } finally {
      waiting.close()
      silent.stop()
    }
  })

  it('is unbounded if no worker runs it, but for the bound that is given', () => {
    assert.deepEqual([timeLeft(), timeLeft(300)], [Number.POSITIVE_INFINITY, 300])
  })
})

function worker(info: { startToCloseTimeoutMs: number }) {
  return new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR'), interceptors: [attemptClock] })
}
