import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { status as grpcStatus } from '@grpc/grpc-js'
import type { WorkflowHandle } from '@temporalio/client'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { failureOf } from '../../contracts/application-failure.ts'
import { type CreateOrderInput, type CreateOrderResult, createOrderWorkflowId } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import { failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import {
  LANE_CALL_CEILING_MS,
  LANE_CALL_FLOOR_MS,
  LANE_STEP_MAX_MS,
  LANE_STEP_MIN_MS,
  LANE_STEPS_MS,
  ORDER_BUDGET_MS,
} from '../../contracts/time-budget.ts'
import { LaneShop, NOBODY, OFF_SALE, refusedCall, SOLD_OUT, UNKNOWN_GOODS } from '../support/lane-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

type Request = CreateOrderInput & { requestId: string }
type Activities = ReturnType<LaneShop['activities']>

describe('createOrders, the express lane', () => {
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

  it('confirms a hundred orders in one run, within one workflow task', async () => {
    const requests = Array.from({ length: 100 }, () => asked())
    const { outcomes, handle } = await run(requests)
    assert.deepEqual(
      states(outcomes),
      requests.map(() => 'confirmed'),
    )
    for (const [i, request] of requests.entries()) {
      const one = outcomes[i]
      assert.ok(one?.state === 'confirmed' && one.order.orderSn === orderSnOf(request))
      assert.deepEqual(
        one.order.lines.map(({ goodsId, num }) => ({ goodsId, num })),
        request.lines,
      )
    }
    const { events = [] } = await handle.fetchHistory()
    assert.equal(events?.filter(({ workflowTaskCompletedEventAttributes }) => workflowTaskCompletedEventAttributes).length, 1)
    assert.deepEqual(await shop.violations(), [])
  })

  it('refuses each bad order by itself, and none of them holds up its neighbours', async () => {
    const bad: [Partial<Request>, string][] = [
      [{ userId: NOBODY }, 'UserNotFound'],
      [{ lines: [{ goodsId: UNKNOWN_GOODS, num: 1 }] }, 'GoodsNotFound'],
      [
        {
          lines: [
            { goodsId: 1, num: 1 },
            { goodsId: OFF_SALE, num: 1 },
          ],
        },
        'GoodsOffSale',
      ],
      [{ lines: [{ goodsId: 1, num: 0 }] }, 'InvalidInput'],
      [{ name: '' }, 'InvalidInput'],
    ]
    const soldOut = Array.from({ length: 85 }, () =>
      asked({
        lines: [
          { goodsId: 1, num: 1 },
          { goodsId: SOLD_OUT, num: 1 },
        ],
      }),
    )
    const good = Array.from({ length: 10 }, () => asked())
    const requests = [...bad.map(([part]) => asked(part)), ...soldOut, ...good]
    const { outcomes } = await run(requests)
    const types = outcomes.map((one) => (one.state === 'refused' ? one.refusal.type : one.state))
    assert.deepEqual(types, [
      ...bad.map(([, type]) => type),
      ...soldOut.map(() => 'InsufficientStock'),
      ...good.map(() => 'confirmed'),
    ])
    assert.deepEqual(await shop.violations(), [])
  })

  it('hands over none of the orders if every call takes longer than the lane waits for on a quick machine', async () => {
    const slowly = () => sleep(1.5 * LANE_CALL_FLOOR_MS)
    Object.assign(shop, { beforeUser: slowly, beforeGoods: slowly, beforeSell: slowly, beforeReback: slowly })
    const requests = [asked(), asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] }), asked()]
    assert.deepEqual(states((await run(requests)).outcomes), ['confirmed', 'refused', 'confirmed'])
    assert.deepEqual(await shop.violations(), [])
  })

  it('gives each step no more time than those before it have left of the workflow task', async () => {
    const slowly = () => sleep(0.8 * LANE_STEP_MAX_MS)
    const given: Record<string, number> = {}
    const interceptor: ActivityInterceptorsFactory = ({ info }) => ({
      inbound: {
        async execute(input, next) {
          given[info.activityType] = info.startToCloseTimeoutMs
          const [answer] = await Promise.all([next(input), slowly()])
          return answer
        },
      },
    })
    await withWorker(parts, shop.activities(), async (begin) => await (await begin('createOrders', [asked()])).result(), {
      interceptor,
    })
    const { prepareOrders, sellOrders = 0, confirmOrders = 0 } = given
    assert.ok(prepareOrders === LANE_STEP_MAX_MS && sellOrders <= LANE_STEPS_MS - 0.8 * LANE_STEP_MAX_MS, `${sellOrders}`)
    const leftMs = LANE_STEPS_MS - 2 * 0.8 * LANE_STEP_MAX_MS
    assert.ok(LANE_STEP_MIN_MS <= confirmOrders && confirmOrders <= leftMs, `${confirmOrders}`)
    assert.deepEqual(await shop.violations(), [])
  })

  it('leaves a tombstone for a Sell that was refused, so that a late one takes nothing', async () => {
    const request = asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] })
    await run([request])
    shop.stock.set(SOLD_OUT, 5)
    assert.throws(() => shop.takeStock(orderSnOf(request), request.lines ?? []), /SALE_RETURNED/)
  })

  it('answers repeats of a confirmed and of a refused order as before, and refuses the same key with another body', async () => {
    const [good, refused, other] = [asked(), asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] }), asked()]
    const first = (await run([good, refused, other])).outcomes
    const again = (await run([good, refused, { ...other, name: 'Somebody else' }])).outcomes
    assert.deepEqual(again.slice(0, 2), first.slice(0, 2))
    assert.ok(again[2]?.state === 'refused' && again[2].refusal.type === 'IdempotencyKeyReused')
    assert.deepEqual(await shop.violations(), [])
  })

  describe('hands over, and the order comes out right, if', () => {
    const unavailable = () => {
      throw refusedCall(grpcStatus.UNAVAILABLE)
    }
    const faults: Record<string, (sn: string) => void> = {
      'a Sell gets no answer': (sn) => {
        shop.beforeSell = once(sn, unavailable)
      },
      'a Sell takes effect and its reply is lost': (sn) => {
        shop.afterSell = once(sn, unavailable)
      },
      'a Sell comes too late for its deadline, and lands afterwards': (sn) => {
        shop.beforeSell = once(sn, () => sleep(2 * LANE_CALL_CEILING_MS))
      },
    }
    for (const [name, inject] of Object.entries(faults)) {
      it(`${name}: that one alone`, async () => {
        const requests = [asked(), asked(), asked()]
        inject(orderSnOf(requests[1] as Request))
        const { outcomes, results } = await run(requests)
        assert.deepEqual(states(outcomes), ['confirmed', 'handedOver', 'confirmed'])
        assert.ok(results[1]?.status === 'PAYING')
        assert.deepEqual(await shop.violations(), [])
      })
    }

    it('a Sell gets no answer: its own run has what is left of the 30 s, counted from the beginning of the batch', async () => {
      const request = asked()
      const spentMs = 500
      shop.beforeSell = once(orderSnOf(request), async () => {
        await sleep(spentMs)
        unavailable()
      })
      const { outcomes, handle } = await run([request])
      assert.deepEqual(states(outcomes), ['handedOver'])
      const child = await handleOf(createOrderWorkflowId(orderSnOf(request))).fetchHistory()
      const timer = child.events?.find((event) => event.timerStartedEventAttributes)?.timerStartedEventAttributes
      const { seconds = 0, nanos = 0 } = timer?.startToFireTimeout ?? {}
      const budgetMs = Number(seconds) * 1_000 + (nanos ?? 0) / 1e6
      assert.ok(0 < budgetMs && budgetMs <= ORDER_BUDGET_MS - spentMs, `${budgetMs}`)
      const { memo, startTime } = await handleOf(createOrderWorkflowId(orderSnOf(request))).describe()
      const endsAt = Date.parse(String(memo?.budgetEndsAt))
      const batch = await handle.describe()
      assert.ok(
        batch.startTime.getTime() <= endsAt - ORDER_BUDGET_MS && endsAt - ORDER_BUDGET_MS <= startTime.getTime() - spentMs,
      )
    })

    it('the user service says nothing about one user in both rounds', async () => {
      const requests = [asked(), asked()]
      let calls = 0
      shop.beforeUser = (userId) => (userId === requests[0]?.userId && calls++ < 2 ? unavailable() : undefined)
      const { outcomes } = await run(requests)
      assert.deepEqual(states(outcomes), ['handedOver', 'confirmed'])
      assert.deepEqual(await shop.violations(), [])
    })

    it('the order was opened before: an earlier attempt may have sold', async () => {
      const request = asked()
      await open(request)
      shop.takeStock(orderSnOf(request), request.lines ?? [])
      const { outcomes, results } = await run([request, asked()])
      assert.deepEqual(states(outcomes), ['handedOver', 'confirmed'])
      assert.equal(results[0]?.status, 'PAYING')
      assert.deepEqual(await shop.violations(), [])
    })

    it('the order is closed and still owes a Reback', async () => {
      const request = asked()
      await open(request)
      shop.takeStock(orderSnOf(request), request.lines ?? [])
      const orderSn = orderSnOf(request)
      await shop.store.voidOrders([{ orderSn, refusal: failure('OrderCancelled', 'before') }])
      const { outcomes } = await run([request])
      assert.deepEqual(states(outcomes), ['handedOver'])
      assert.deepEqual(await shop.violations(), [])
    })

    it('a Reback is not acknowledged', async () => {
      const request = asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] })
      shop.beforeReback = once(orderSnOf(request), unavailable)
      const { outcomes } = await run([request, asked()])
      assert.deepEqual(states(outcomes), ['handedOver', 'confirmed'])
      assert.deepEqual(await shop.violations(), [])
    })

    for (const step of ['confirmOrders', 'voidOrders'] as const) {
      for (const when of ['before', 'after'] as const) {
        it(`${step} of the store fails ${when} its effect: all that are undecided`, async () => {
          const requests = [asked(), asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] })]
          const { outcomes } = await run(requests, shop.activities({ [step]: failingOnce(step, when) }))
          const handedOver = step === 'voidOrders' ? ['confirmed', 'handedOver'] : ['handedOver', 'handedOver']
          assert.deepEqual(states(outcomes), handedOver)
          assert.deepEqual(await shop.violations(), [])
        })
      }
    }

    it('carts are too large for a batch: a hundred of 1,000 lines hit no limit of payloads', async () => {
      const requests = Array.from({ length: 100 }, () => {
        const { lines, ...cart } = asked()
        return cart
      })
      for (const { userId } of requests) await shop.db.insertInto('cart_items').values(cartOf(userId)).execute()
      await withWorker(parts, shop.activities(), async (begin) => {
        const outcomes = (await (await begin('createOrders', requests)).result()) as BatchOutcome[]
        // One fits the batch, if its statement is quick enough in one of both rounds; one of its goods is off sale.
        const others = outcomes.filter(({ state }) => state !== 'handedOver')
        assert.ok(others.length <= 1)
        for (const one of others) assert.equal(one.state === 'refused' && one.refusal.type, 'GoodsOffSale')
      })
    })
  })

  for (const step of ['openOrders', 'confirmOrders'] as const) {
    it(`leaves every order settled or handed over when the batch is cancelled during ${step}`, async () => {
      const requests = [asked(), asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] })]
      let cancel: () => Promise<unknown> = async () => {}
      const started = new Promise<void>((resolve) => {
        cancel = async () => resolve()
      })
      let handle: WorkflowHandle | undefined
      const activities = shop.activities({
        [step]: async (...args: never) => {
          await started
          await handle?.cancel()
          await new Promise((resolve) => setTimeout(resolve, 50))
          return await (shop.store[step] as (...args: never) => Promise<unknown>)(...args)
        },
      })
      await withWorker(parts, activities, async (begin) => {
        handle = await begin('createOrders', requests)
        await cancel()
        await outcome(handle)
        for (const request of requests) {
          const child = parts.client.workflow.getHandle(createOrderWorkflowId(orderSnOf(request)))
          await child.result().catch(() => {})
        }
      })
      assert.deepEqual(await shop.violations(), [])
    })
  }

  it('answers whoever it would have refused as confirmed, if another run confirmed the order before it could be closed', async () => {
    for (const isTooLarge of [false, true]) {
      const request = asked({ lines: [{ goodsId: SOLD_OUT, num: 1 }] })
      const orderSn = orderSnOf(request)
      const line = { goodsId: SOLD_OUT, num: 1, name: 'goods', image: '', price: { amount: 100, currency: 'CNY' } }
      const activities = shop.activities({
        async voidOrders(intents) {
          await shop.store.confirmOrders([{ orderSn, total: 100, lines: [line] }])
          return await shop.store.voidOrders(intents)
        },
      })
      const { voidOrders } = activities
      if (isTooLarge) activities.voidOrders = async (o) => (await voidOrders(o)).map(({ order: _, ...judged }) => judged)
      const { outcomes, results } = await run([request], activities)
      assert.deepEqual(states(outcomes), [isTooLarge ? 'handedOver' : 'confirmed'])
      const answer = outcomes[0]?.state === 'confirmed' ? outcomes[0].order : results[0]
      assert.deepEqual([answer?.orderSn, answer?.status, answer?.lines], [orderSn, 'PAYING', [line]])
    }
  })

  it('hands over every order of a batch that is cancelled before its first step', async () => {
    const requests = [asked(), asked()]
    await withWorker(parts, shop.activities(), async (_, taskQueue) => {
      // The cancellation is there before any worker comes to it.
      const options = { workflowId: `test-${requests[0]?.requestId}`, taskQueue, startDelay: '5s' } as const
      const handle = await parts.client.workflow.start('createOrders', { ...options, args: [requests] })
      await handle.cancel()
      assert.ok('refused' in (await outcome(handle)))
      for (const request of requests) await handleOf(createOrderWorkflowId(orderSnOf(request))).result()
    })
    assert.deepEqual(await shop.violations(), [])
  })

  it('refuses what is no list of 1 to 100 orders', async () => {
    for (const input of [undefined, null, {}, [], Array.from({ length: 101 }, () => asked())]) {
      await withWorker(parts, shop.activities(), async (begin) => {
        const ended = await outcome(await begin('createOrders', input))
        assert.ok('refused' in ended && ended.refused?.type === 'InvalidInput')
      })
    }
  })

  function asked(part: Partial<Request> = {}): Request {
    const userId = part.userId ?? 1 + users++
    return {
      userId,
      requestId: `lane ${process.pid} ${users++} ${Date.now()}`,
      address: '1 Test Street',
      name: 'Somebody',
      mobile: '0100',
      lines: [
        { goodsId: 1 + (userId % 50), num: 1 },
        { goodsId: 60, num: 2 },
      ],
      ...part,
    }
  }

  /** Runs a batch, and what it hands over, to the end. */
  async function run(requests: Request[], activities: Activities = shop.activities()) {
    return await withWorker(parts, activities, async (begin) => {
      const handle = await begin('createOrders', requests)
      const ended = await outcome<BatchOutcome[]>(handle)
      assert.ok('result' in ended, JSON.stringify(ended))
      const results: (CreateOrderResult | undefined)[] = []
      for (const [i, one] of ended.result.entries()) {
        if (one.state !== 'handedOver') continue
        results[i] = await parts.client.workflow
          .getHandle(one.workflowId)
          .result()
          .catch(() => undefined)
      }
      return { outcomes: ended.result, handle, results }
    })
  }

  const handleOf = (workflowId: string) => parts.client.workflow.getHandle(workflowId)

  async function open(request: Request) {
    const { openOrder } = shop.activities()
    const { MockActivityEnvironment } = await import('@temporalio/testing')
    await new MockActivityEnvironment().run(openOrder, request)
  }

  function failingOnce(step: 'confirmOrders' | 'voidOrders', when: 'before' | 'after') {
    let calls = 0
    const fail = () => {
      if (calls++ === 0) throw failureOf(failure('ServiceUnavailable', 'injected'))
    }
    return async (...args: unknown[]): Promise<never> => {
      if (when === 'before') fail()
      const result = await (shop.store[step] as (...args: unknown[]) => Promise<never>)(...args)
      if (when === 'after') fail()
      return result
    }
  }

  function once(orderSn: string, fault: () => void | Promise<void>) {
    let calls = 0
    return (sn: string) => (sn === orderSn && calls++ === 0 ? fault() : undefined)
  }
})

function states(outcomes: BatchOutcome[]): string[] {
  return outcomes.map(({ state }) => state)
}

function cartOf(userId: number) {
  return Array.from({ length: 1_000 }, (_, i) => ({ user_id: userId, goods_id: i + 1, num: 1, checked: true }))
}
