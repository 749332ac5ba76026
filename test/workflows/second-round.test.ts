import assert from 'node:assert/strict'
import { status as grpcStatus } from '@grpc/grpc-js'
import { MockActivityEnvironment } from '@temporalio/testing'
import { failureOf } from '../../contracts/application-failure.ts'
import { type CreateOrderInput, createOrderWorkflowId } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import { failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { ORDER_BUDGET_MS, SECOND_ROUND_AFTER_MS } from '../../contracts/time-budget.ts'
import { LaneShop, refusedCall, SOLD_OUT } from '../support/lane-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

type Request = CreateOrderInput & { requestId: string }
type Activities = ReturnType<LaneShop['activities']>

describe('the second round of a batch', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: LaneShop
  let users = 0

  before(async () => {
    parts = await connectParts()
  })

  beforeEach(async () => {
    shop = await LaneShop.open()
  })

  afterEach(async () => {
    await shop.db.destroy()
  })

  after(async () => {
    await parts.close()
  })

  describe('comes a second later, and so costs no order a run of its own, if', () => {
    const silences: Record<string, () => Activities | undefined> = {
      'the user service is away': () => {
        let calls = 0
        shop.beforeUser = () => (calls++ < 3 ? unavailable() : undefined)
        return undefined
      },
      'the goods service is away': () => {
        let calls = 0
        shop.beforeGoods = () => (calls++ < 1 ? unavailable() : undefined)
        return undefined
      },
      'the store fails before it opens them': () => shop.activities({ openOrders: failingOnce('before') }),
      'the store fails after it opened them': () => shop.activities({ openOrders: failingOnce('after') }),
    }
    for (const [name, begin] of Object.entries(silences)) {
      it(name, async () => {
        const { lines, ...cart } = asked()
        await shop.db.insertInto('cart_items').values({ user_id: cart.userId, goods_id: 5, num: 2, checked: true }).execute()
        const requests = [asked(), asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] }), cart]
        const { outcomes, handle } = await run(requests, begin())
        assert.deepEqual(states(outcomes), ['confirmed', 'refused', 'confirmed'])
        const { events = [] } = await handle.fetchHistory()
        const timers = events?.flatMap(({ timerStartedEventAttributes: timer }) => timer?.startToFireTimeout ?? [])
        assert.deepEqual(
          timers?.map(({ seconds }) => Number(seconds) * 1_000),
          [SECOND_ROUND_AFTER_MS],
        )
        assert.deepEqual(await shop.violations(), [])
      })
    }

    it('one user is not known yet: the others are confirmed, and refused and undone, before that', async () => {
      const requests = [asked(), asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] }), asked()]
      const found: string[] = []
      const told: [string[], string][] = []
      const refused: [string, string, string][] = []
      shop.onUnanswered = (...of) => told.push(of)
      shop.onRefused = ({ orderSn, refusal }, workflowId) => refused.push([orderSn, refusal.type, workflowId])
      let calls = 0
      shop.beforeUser = async (userId) => {
        if (userId !== requests[2]?.userId) return
        if (calls++ === 0) unavailable()
        for (const request of requests) {
          const order = await shop.store.getOrder(orderSnOf(request))
          found.push(`${order?.status} ${order?.stockState}`)
        }
        found.push(`${refused.length} heard it`)
      }
      const { outcomes, handle } = await run(requests)
      assert.deepEqual(states(outcomes), ['confirmed', 'refused', 'confirmed'])
      assert.deepEqual(told, [[[orderSnOf(requests[2] as Request)], handle.workflowId]], 'the intake can let others leave')
      assert.deepEqual(found, ['PAYING sold', 'TRADE_CLOSED returned', 'CREATING selling', '1 heard it'])
      assert.deepEqual(refused, [[orderSnOf(requests[1] as Request), 'InsufficientStock', handle.workflowId]])
      assert.deepEqual(await shop.violations(), [])
    })
  })

  it('hands over what another run opened meanwhile', async () => {
    const request = asked()
    let calls = 0
    const { openOrders } = shop.store
    const activities = shop.activities({
      openOrders: async (intents) => {
        if (calls++ === 0) {
          await open(request)
          throw failureOf(failure('ServiceUnavailable', 'injected'))
        }
        return await openOrders.call(shop.store, intents)
      },
    })
    const { outcomes } = await run([request], activities)
    assert.deepEqual(
      outcomes.map((one) => one.state === 'handedOver' && one.reason),
      ['opened_before'],
    )
    assert.deepEqual(await shop.violations(), [])
  })

  it('hands over whom it would have tried again when the batch is cancelled while it waits', async () => {
    const requests = [asked(), asked()]
    let calls = 0
    shop.beforeUser = () => {
      if (calls++ < requests.length) unavailable()
    }
    await withWorker(parts, shop.activities(), async (begin) => {
      const handle = await begin('createOrders', requests)
      for (let isWaiting = false; !isWaiting; ) {
        const { events } = await handle.fetchHistory()
        assert.ok(!events?.some((event) => event.workflowExecutionCompletedEventAttributes), 'it waits for nothing')
        isWaiting = events?.some((event) => event.timerStartedEventAttributes) ?? false
      }
      await handle.cancel()
      assert.ok('refused' in (await outcome(handle)))
      for (const request of requests) await handleOf(createOrderWorkflowId(orderSnOf(request))).result()
    })
    assert.deepEqual(await shop.violations(), [])
  })

  it('hands over whom it got no answer about again: their runs have what is left of the 30 s, the wait counted', async () => {
    const requests = [asked(), asked()]
    let calls = 0
    shop.beforeGoods = () => (calls++ < 2 ? unavailable() : undefined)
    const { outcomes, handle } = await run(requests)
    assert.deepEqual(
      outcomes.map((one) => one.state === 'handedOver' && one.reason),
      ['goods_unanswered', 'goods_unanswered'],
    )
    const batch = await handle.describe()
    for (const request of requests) {
      const { memo, startTime } = await handleOf(createOrderWorkflowId(orderSnOf(request))).describe()
      const beganAt = Date.parse(String(memo?.budgetEndsAt)) - ORDER_BUDGET_MS
      assert.ok(batch.startTime.getTime() <= beganAt && beganAt <= startTime.getTime() - SECOND_ROUND_AFTER_MS)
    }
    assert.deepEqual(await shop.violations(), [])
  })

  it('hands over whoever got no answer to its Sell before it waits for the others', async () => {
    const requests = [asked(), asked()]
    let [calls, sells] = [0, 0]
    shop.beforeSell = (orderSn) => (orderSn === orderSnOf(requests[0] as Request) && sells++ === 0 ? unavailable() : undefined)
    shop.beforeUser = (userId) => (userId === requests[1]?.userId && calls++ === 0 ? unavailable() : undefined)
    const { outcomes, handle } = await run(requests)
    assert.deepEqual(states(outcomes), ['handedOver', 'confirmed'])
    const { events = [] } = await handle.fetchHistory()
    const at = (attributes: 'activityTaskScheduledEventAttributes' | 'timerFiredEventAttributes') =>
      events?.findIndex((event) => event[attributes]) ?? -1
    // Asked for, and not done: on a slow machine that may take longer than the wait.
    const [handsOver, woken] = [at('activityTaskScheduledEventAttributes'), at('timerFiredEventAttributes')]
    assert.ok(0 < handsOver && handsOver < woken, `${handsOver} ${woken}`)
    assert.deepEqual(await shop.violations(), [])
  })

  function asked(part: Partial<Request> = {}): Request {
    const userId = 1 + users++
    const lines = [{ goodsId: 1 + (userId % 50), num: 1 }]
    const requestId = `again ${process.pid} ${users++} ${Date.now()}`
    return { userId, requestId, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines, ...part }
  }

  /** Runs a batch, and what it hands over, to the end. */
  async function run(requests: Request[], activities: Activities = shop.activities()) {
    return await withWorker(parts, activities, async (begin) => {
      const handle = await begin('createOrders', requests)
      const outcomes = (await handle.result()) as BatchOutcome[]
      for (const one of outcomes) if (one.state === 'handedOver') await outcome(handleOf(one.workflowId))
      return { outcomes, handle }
    })
  }

  const handleOf = (workflowId: string) => parts.client.workflow.getHandle(workflowId)

  async function open(request: Request) {
    await new MockActivityEnvironment().run(shop.activities().openOrder, request)
  }

  function failingOnce(when: 'before' | 'after'): LaneShop['store']['openOrders'] {
    let calls = 0
    const fail = () => {
      if (calls++ === 0) throw failureOf(failure('ServiceUnavailable', 'injected'))
    }
    return async (intents) => {
      if (when === 'before') fail()
      const opened = await shop.store.openOrders(intents)
      if (when === 'after') fail()
      return opened
    }
  }
})

function unavailable(): never {
  throw refusedCall(grpcStatus.UNAVAILABLE)
}

function states(outcomes: BatchOutcome[]): string[] {
  return outcomes.map(({ state }) => state)
}
