import assert from 'node:assert/strict'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { failureOf } from '../../contracts/application-failure.ts'
import type { CreateOrderInput, CreateOrderResult, Progress } from '../../contracts/create-order.ts'
import { type FailureType, failure } from '../../contracts/failures.ts'
import { parseOrderSn } from '../../contracts/order.ts'
import { FakeShop, failing, once, type Step } from '../support/fake-shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { outcome, type Parts, withWorker } from '../support/workflow-runs.ts'

const INPUT: CreateOrderInput = {
  userId: 7,
  address: '1 Test Street',
  name: 'Somebody',
  mobile: '0100',
  lines: [{ goodsId: 1, num: 2 }],
}

/** The steps of an order without a fault, in the order of their effects. */
const STORY: Step[] = ['openOrder', 'batchGetGoods', 'getUser', 'sell', 'confirmOrder']

describe('createOrder', () => {
  let real: Parts

  before(async () => {
    const { address, namespace } = await testTemporal()
    const connection = await NativeConnection.connect({ address })
    const client = new Client({ connection: await Connection.connect({ address }), namespace })
    real = { connection, client, namespace }
  })

  after(async () => {
    await real.client.connection.close()
    await real.connection.close()
  })

  it('opens, asks for user and goods, sells, confirms, in this order, and answers what the store holds', async () => {
    const shop = new FakeShop()
    const order = await run(shop)
    assert.deepEqual(order, {
      result: {
        orderSn: [...shop.rows.keys()][0],
        status: 'PAYING',
        total: { amount: 3998, currency: 'CNY' },
        payDeadline: '2026-01-01T00:30:00.000Z',
        lines: [{ goodsId: 1, name: 'Tea', image: '/tea.png', price: { amount: 1999, currency: 'CNY' }, num: 2 }],
      },
    })
    assert.deepEqual([shop.calls[0], ...shop.calls.slice(1, 3).sort(), ...shop.calls.slice(3)], STORY)
    assert.deepEqual(shop.violations(), [])
  })

  describe('refuses, and leaves nothing behind,', () => {
    const refusals: [Step, FailureType][] = [
      ['openOrder', 'EmptyCart'],
      ['openOrder', 'OrderInProgress'],
      ['openOrder', 'IdempotencyKeyReused'],
      ['getUser', 'UserNotFound'],
      ['getUser', 'ServiceRejected'],
      ['batchGetGoods', 'ServiceRejected'],
      ['sell', 'InsufficientStock'],
      ['sell', 'ServiceRejected'],
      ['confirmOrder', 'OrderClosed'],
      ['confirmOrder', 'InternalError'],
    ]
    for (const [step, type] of refusals) {
      it(`when ${step} answers ${type}`, async () => {
        const shop = new FakeShop().before(step, failing(type))
        assertRefused(await run(shop), type)
        assert.deepEqual(shop.violations(), [])
        assert.equal(shop.calls.filter((call) => call === step).length, 1, 'a refusal is not retried')
      })
    }

    it('when goods are missing, off sale, or have no exact price: then nothing is sold', async () => {
      const [tea] = new FakeShop().goods
      assert.ok(tea)
      const { price, ...unpriced } = tea
      for (const [goods, type] of [
        [[], 'GoodsNotFound'],
        [[{ ...tea, onSale: false }], 'GoodsOffSale'],
        [[unpriced], 'PriceNotExact'],
      ] as const) {
        const shop = new FakeShop()
        shop.goods = [...goods]
        const refused = assertRefused(await run(shop), type)
        assert.deepEqual(refused.details, { goodsIds: [1] })
        assert.deepEqual(shop.violations(), [])
        assert.ok(!shop.calls.includes('sell') && !shop.calls.includes('confirmOrder'))
        // Another run of the order may have sold: that is not for this one to know.
        assert.deepEqual(shop.calls.slice(-2), ['voidOrder', 'reback'])
      }
    })

    it('and gives a repeat the same refusal, by another run', async () => {
      const shop = new FakeShop().before('sell', failing('InsufficientStock'))
      const request = { ...INPUT, requestId: 'again' }
      const first = assertRefused(await run(shop, request), 'InsufficientStock')
      const again = assertRefused(await run(shop, request), 'InsufficientStock')
      assert.deepEqual(again, first)
      assert.equal(shop.calls.filter((call) => call === 'sell').length, 1)
    })
  })

  it('names each bad field of its input, calls nothing, and fails instead of parking the run', async () => {
    const shop = new FakeShop()
    const bad: unknown[] = [
      null,
      'text',
      [],
      {},
      { ...INPUT, userId: 0 },
      { ...INPUT, lines: [{ goodsId: 1, num: 1.5 }] },
      { ...INPUT, name: 'a\0b' },
      { ...INPUT, surprise: true },
    ]
    for (const input of bad) {
      const { details } = assertRefused(await run(shop, input), 'InvalidInput')
      assert.ok((details.fields as unknown[]).length > 0)
    }
    const { details } = assertRefused(
      await run(shop, { userId: 'x', lines: [{ goodsId: 1, num: -1 }], requestId: 'ü' }),
      'InvalidInput',
    )
    assert.deepEqual(
      (details.fields as { field: string }[]).map(({ field }) => field),
      ['userId', 'address', 'name', 'mobile', 'requestId', 'lines[0].num'],
    )
    assert.deepEqual(shop.calls, [])
  })

  describe('goes on over a passing fault:', () => {
    for (const step of STORY) {
      it(`${step} fails before its effect`, async () => {
        const shop = new FakeShop().before(step, once(failing('ServiceUnavailable')))
        assertCreated(await run(shop), shop)
      })
      it(`${step} takes effect, and its reply is lost`, async () => {
        const shop = new FakeShop().after(step, once(failing('ServiceUnavailable')))
        assertCreated(await run(shop), shop)
      })
    }
  })

  describe('settles if a step takes effect, and then fails for good:', () => {
    for (const step of ['openOrder', 'getUser', 'batchGetGoods', 'sell'] as const) {
      it(step, async () => {
        const shop = new FakeShop().after(step, failing('ServiceRejected'))
        assertRefused(await run(shop), 'ServiceRejected')
        assert.deepEqual(shop.violations(), [])
        assert.equal(shop.confirmed, 0)
      })
    }

    it('confirmOrder: the order stands, and is the answer', async () => {
      const shop = new FakeShop().after('confirmOrder', failing('ServiceRejected'))
      assertCreated(await run(shop), shop)
      assert.equal(shop.calls.at(-1), 'voidOrder')
    })
  })

  describe('settles when it is cancelled', () => {
    for (const step of STORY) {
      for (const when of ['before', 'after'] as const) {
        it(`${when} the effect of ${step}`, async () => {
          const shop = new FakeShop()
          await withWorker(real, shop.activities(), async (start) => {
            const started = deferred<WorkflowHandle>()
            shop[when](step, async () => {
              await (await started.promise).cancel()
              // Time for the cancellation to reach the run while the attempt is still under way.
              await new Promise((resolve) => setTimeout(resolve, 100))
            })
            const handle = await start('createOrder', INPUT)
            started.resolve(handle)
            const ended = await outcome<CreateOrderResult>(handle)
            // A confirmation under way is waited for: it lands, and the order stands.
            if (step === 'confirmOrder') assertCreated(ended, shop)
            else assert.ok('status' in ended && ended.status === 'CancelledFailure', JSON.stringify(ended))
          })
          assert.deepEqual(shop.violations(), [])
          if (step !== 'confirmOrder') assert.equal(shop.confirmed, 0)
        })
      }
    }

    it('during the compensation itself, which goes on', async () => {
      const shop = new FakeShop().before('sell', failing('InsufficientStock'))
      await withWorker(real, shop.activities(), async (start) => {
        const started = deferred<WorkflowHandle>()
        for (const undo of ['voidOrder', 'reback'] as const) {
          shop.before(undo, async () => void (await (await started.promise).cancel()))
        }
        const handle = await start('createOrder', INPUT)
        started.resolve(handle)
        assertRefused(await outcome(handle), 'InsufficientStock')
      })
      assert.deepEqual(shop.violations(), [])
      assert.equal(shop.calls.at(-1), 'reback')
    })
  })

  describe('holds against messages that arrive late:', () => {
    it('a Sell after its Reback takes no stock', async () => {
      const shop = new FakeShop()
      let late: () => void = () => {}
      // The attempt is lost on the way; what was sent arrives when the order has been settled.
      shop.before('sell', () => {
        late = () => shop.takeStock(only(shop.rows), INPUT.lines ?? [])
        failing('ServiceRejected')()
      })
      assertRefused(await run(shop), 'ServiceRejected')
      assert.throws(late, /sold after its Reback/)
      assert.deepEqual(shop.violations(), [])
    })

    it('a confirmation after the void confirms nothing', async () => {
      const shop = new FakeShop()
      shop.before('confirmOrder', failing('ServiceRejected'))
      assertRefused(await run(shop), 'ServiceRejected')
      assert.throws(() => shop.confirm({ orderSn: parseOrderSn(only(shop.rows)), lines: [] }), /closed/)
      assert.deepEqual(shop.violations(), [])
    })

    it('an openOrder after the void finds the closed row', async () => {
      const shop = new FakeShop().before('openOrder', once(failing('ServiceRejected')))
      const request = { ...INPUT, requestId: 'late' }
      assertRefused(await run(shop, request), 'ServiceRejected')
      assertRefused(await run(shop, request), 'ServiceRejected')
      assert.equal(shop.calls.includes('sell'), false)
      assert.deepEqual(shop.violations(), [])
    })
  })

  it('gives up after 30 s, however long a service stays away, and settles', async () => {
    const lateAt = async (step: Step) => {
      const shop = new FakeShop().before(step, failing('ServiceUnavailable'))
      await withWorker(real, shop.activities(), async (start) => {
        const handle = await start('createOrder', INPUT)
        const refused = assertRefused(await outcome(handle), 'OrderTimedOut')
        assert.match(String(refused.details.step), new RegExp(step))
        const { startTime, closeTime } = await handle.describe()
        assert.ok(Number(closeTime) - Number(startTime) >= 30_000, `${step} was given up early`)
        const { scheduleToCloseTimeout } = await scheduled(handle, step)
        assert.ok(Number(scheduleToCloseTimeout?.seconds) <= 30, `${step} has ${scheduleToCloseTimeout?.seconds} s`)
      })
      assert.deepEqual(shop.violations(), [])
      assert.equal(shop.calls.at(-1), 'reback')
    }
    await Promise.all(STORY.map(lateAt))
  })

  it('gives back what somebody else sold of the same order, though it never saw the row', async () => {
    const shop = new FakeShop()
    const request = { ...INPUT, requestId: 'shared' }
    await shop.activities().openOrder(request)
    shop.takeStock(only(shop.rows), INPUT.lines ?? [])
    shop.before('openOrder', failing('ServiceRejected'))
    assertRefused(await run(shop, request), 'ServiceRejected')
    assert.deepEqual(shop.violations(), [])
  })

  it('goes on giving back without an end: no number of attempts is its last, and no time', async () => {
    const shop = new FakeShop().before('confirmOrder', failing('ServiceRejected'))
    let attempts = 0
    shop.before('reback', () => {
      if (++attempts < 12) throw failureOf(failure('ServiceUnavailable', 'injected'), { nextRetryDelay: 1 })
    })
    await withWorker(real, shop.activities(), async (start) => {
      const handle = await start('createOrder', INPUT)
      assertRefused(await outcome(handle), 'ServiceRejected')
      const { retryPolicy, scheduleToCloseTimeout } = await scheduled(handle, 'reback')
      assert.equal(retryPolicy?.maximumAttempts, 0)
      assert.equal(Number(scheduleToCloseTimeout?.seconds ?? 0), 0, 'the time for all attempts together is bounded')
    })
    assert.equal(attempts, 12)
    assert.deepEqual(shop.violations(), [])
  })

  it('names what could not be undone, if a compensation is refused', async () => {
    const shop = new FakeShop().before('confirmOrder', failing('ServiceRejected')).before('reback', failing('ServiceRejected'))
    const { details } = assertRefused(await run(shop), 'CompensationFailed')
    assert.deepEqual(details, {
      orderSn: only(shop.rows),
      owed: 'reback',
      undone: ['order (CLOSED_NOW)'],
      failure: 'ServiceRejected',
    })
    assert.deepEqual(shop.violations().at(-1), `${only(shop.rows)} still owes a Reback`)
  })

  it('tells its progress to whoever asks', async () => {
    const shop = new FakeShop().before('confirmOrder', failing('ServiceRejected'))
    await withWorker(real, shop.activities(), async (start) => {
      const handle = await start('createOrder', INPUT)
      await outcome(handle)
      assert.deepEqual(await handle.query<Progress>('progress'), {
        step: 'settled',
        orderSn: only(shop.rows),
        lines: 1,
        undone: ['order (CLOSED_NOW)', 'stock'],
        failure: 'ServiceRejected',
      })
    })
  })

  it('keeps its order when the request carries no id: the run names it', async () => {
    const shop = new FakeShop()
    const { requestId, ...unnamed } = { ...INPUT, requestId: undefined }
    assertCreated(await run(shop, unnamed), shop)
    assertCreated(await run(shop, unnamed), shop)
    assert.equal(shop.rows.size, 2)
  })

  it('settles an order that its run left behind', async () => {
    const shop = new FakeShop()
    await shop.activities().openOrder({ ...INPUT, requestId: 'left' })
    shop.takeStock(only(shop.rows), INPUT.lines ?? [])
    await withWorker(real, shop.activities(), async (start) => {
      assert.deepEqual(await outcome(await start('settleOrder', only(shop.rows))), { result: 'closed' })
    })
    assert.deepEqual(shop.violations(), [])
  })

  it('settles an order that was confirmed, and that the shop has closed since: its stock goes back', async () => {
    const shop = new FakeShop()
    assertCreated(await run(shop), shop)
    const orderSn = only(shop.rows)
    Object.assign(shop.rows.get(orderSn) ?? {}, { status: 'TRADE_CLOSED', stockState: 'returning' })
    await withWorker(real, shop.activities(), async (start) => {
      assert.deepEqual(await outcome(await start('settleOrder', orderSn)), { result: 'confirmed' })
    })
    assert.deepEqual(shop.violations(), [])
  })

  async function run(shop: FakeShop, input: unknown = INPUT, parts: Parts = real) {
    return await withWorker(parts, shop.activities(), async (start) => {
      return await outcome<CreateOrderResult>(await start('createOrder', input))
    })
  }
})

/** The time-outs and retries with which a run asked Temporal for an activity. */
async function scheduled(handle: WorkflowHandle, activity: Step) {
  const { events } = await handle.fetchHistory()
  const asked = events?.map((event) => event.activityTaskScheduledEventAttributes)
  return (
    asked?.find((attributes) => attributes?.activityType?.name === activity) ?? assert.fail(`${activity} was never asked for`)
  )
}

function deferred<T>() {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

function only(rows: ReadonlyMap<string, unknown>): string {
  const [orderSn] = rows.keys()
  assert.ok(orderSn)
  return orderSn
}

function assertRefused(ended: Awaited<ReturnType<typeof outcome>>, type: FailureType) {
  assert.ok('refused' in ended, `expected ${type}, not ${JSON.stringify(ended)}`)
  assert.equal(ended.refused?.type, type)
  return ended.refused
}

function assertCreated(ended: Awaited<ReturnType<typeof outcome<CreateOrderResult>>>, shop: FakeShop) {
  assert.ok('result' in ended, JSON.stringify(ended))
  assert.equal(ended.result.status, 'PAYING')
  assert.deepEqual(shop.violations(), [])
}
