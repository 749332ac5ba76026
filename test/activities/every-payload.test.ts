import assert from 'node:assert/strict'
import { MockActivityEnvironment } from '@temporalio/testing'
import { DefaultLogger } from '@temporalio/worker'
import fc from 'fast-check'
import { sql } from 'kysely'
import { createActivities } from '../../activities/create-activities.ts'
import { reconciliationActivities } from '../../activities/reconciliation.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import { MAX_BATCH_BYTES, MAX_BATCH_LINES, MAX_BATCH_ORDERS } from '../../contracts/create-orders.ts'
import { encodedBytes } from '../../contracts/encoded-size.ts'
import { type Failure, failure } from '../../contracts/failures.ts'
import { fitTexts } from '../../contracts/fit-texts.ts'
import { MAX_LINES, MAX_SWEPT } from '../../contracts/limits.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { MISMATCHES } from '../../contracts/reconciliation.ts'
import { searchAttributesOf, searchAttributesOfBatch } from '../../contracts/search-attributes.ts'
import { splitBySize } from '../../workflows/split-by-size.ts'
import { LaneShop, NO_GOODS } from '../support/lane-shop.ts'

/** Temporal's limit of one payload. */
const PAYLOAD = 2 * 1024 * 1024
/** Temporal's limit of all that one workflow task reports, less what goes with it. */
const REPORT = 4 * 1024 * 1024 - 200_000
/** Temporal's limits of search attributes: of one value, and of all. */
const ATTRIBUTE = 2_048
const ATTRIBUTES = 40 * 1_024
const CURRENCY = 'CNY'

/** Size of everything that may be large. */
interface Size {
  /** Lines of an order with a run of its own; a batch shares as many. */
  lines: number
  orders: number
  /** Length of each text, in characters; a text beyond its bound has its bound. */
  text: number
  /** Character that texts are made of: it costs one byte, or up to six. */
  character: string
  /** Goods that the service answers beside those that it was asked for. */
  unasked: number
}

const AT_THE_BOUND = fc.record<Size>({
  lines: fc.constantFrom(MAX_LINES - 1, MAX_LINES),
  orders: fc.constantFrom(MAX_BATCH_ORDERS - 1, MAX_BATCH_ORDERS),
  text: fc.constantFrom(499, 500, 1_000, 1_001),
  character: fc.constantFrom('x', '"', '\u0001', '茶', '🍵'),
  unasked: fc.constantFrom(0, 50_000),
})

describe('whatever an activity is given, and answers,', () => {
  let shop: LaneShop
  let users = 0

  before(async () => {
    shop = await LaneShop.open()
  })
  after(async () => {
    await shop?.db.destroy()
  })

  function activitiesOf({ text, character, unasked }: Size) {
    const one = { ...NO_GOODS, name: character.repeat(text), goodsFrontImage: character.repeat(text), onSale: true }
    const others = Array.from({ length: unasked }, (_, i) => i + 1)
    const activities = createActivities({
      orders: shop.store,
      currency: CURRENCY,
      attendanceOf: async () => ({ kind: 'abandoned' }),
      answerGiven: async () => undefined,
      startOwnRun: async () => {},
      startSettling: async () => {},
      sweepAfterMs: 0,
      goods: {
        batchGetGoods: async (ids) => [...ids, ...ids, ...others].map((id) => ({ ...one, id, shopPrice: Math.fround(1.99) })),
      },
      users: { getUserById: async () => ({}) as never },
      inventory: {
        sell: async () => {},
        reback: async () => {},
        sellUnkeyed: async () => {},
        rebackUnkeyed: async () => {},
        getStock: async () => 2 ** 31,
      },
    })
    const unexplained = Object.fromEntries(
      Object.keys(MISMATCHES).map((kind) => [kind, { units: Number.MAX_SAFE_INTEGER, findings: Number.MAX_SAFE_INTEGER }]),
    ) as never
    const orderSns = Array.from({ length: 20 }, () => character.repeat(64))
    return { ...activities, ...reconciliationActivities(async () => ({ orders: 1, unexplained, orderSns })) }
  }
  type All = ReturnType<typeof activitiesOf>

  /** Goods that the shop of `LaneShop` does not know: their ids are the longest. */
  function requestOf(size: Size, lines: number): OrderRequest {
    const text = (atMost: number) => size.character.replace('\u0001', '\\').repeat(Math.min(size.text, atMost))
    return {
      ...{ userId: 2_000_000_000 + ++users, requestId: '"'.repeat(120 - String(users).length) + users },
      ...{ address: text(500), name: text(100), mobile: text(32), post: text(500) },
      lines: Array.from({ length: lines }, (_, i) => ({ goodsId: 2_000_000_000 + i, num: 9_999 })),
    }
  }

  function refusedFor(lines: number): Failure {
    const goodsIds = Array.from({ length: lines }, (_, i) => 2_000_000_000 + i)
    return failure('GoodsNotFound', 'for a test', { goodsIds, problems: [{ failure: 'GoodsNotFound', goodsIds }] })
  }

  /** Each activity, given as much as it may be, in the situation in which it answers most. */
  const CASES: { [Step in keyof All]: (size: Size, all: All) => Promise<Parameters<All[Step]>> } = {
    openOrder: async (size, all) => [await confirmed(size, all)],
    getUser: async () => [2_147_483_647, 'A'.repeat(16)],
    batchGetGoods: async (size) => [goodsOf(size), 'A'.repeat(16)],
    sell: async (size, all) => [await opened(size, all)],
    reback: async (size, all) => [await voided(size, all)],
    confirmOrder: async (size, all) => [await priced(size, all)],
    voidOrder: async (size, all) => {
      const request = requestOf(size, size.lines)
      await asStep(all.openOrder, [request])
      return [{ request, refusal: refusedFor(size.lines) }]
    },
    prepareOrders: async (size, all) => {
      const [one, ...others] = await Promise.all([confirmed(size, all), ...batch(size)])
      return [[...others.slice(1), one], true]
    },
    sellOrders: async (size, all) => [await openedTogether(batch(size), all)],
    rebackOrders: async (size, all) => {
      const requests = batch(size)
      await asStep(all.sellOrders, [await openedTogether(requests, all)])
      const late = failure('OrderTimedOut', 'for a test')
      const voided = await asStep(all.voidOrders, [requests.map((request) => ({ request, refusal: late }))])
      return [voided.map(({ orderSn, lines }) => ({ orderSn, lines }))]
    },
    confirmOrders: async (size, all) => {
      const price = { amount: 199, currency: CURRENCY }
      const texts = { name: size.character.repeat(size.text), image: size.character.repeat(size.text) }
      const sales = await openedTogether(batch(size), all)
      return [
        sales.map(({ orderSn, lines }) => {
          const priced = lines.map((line) => ({ ...line, ...texts, price }))
          return { orderSn, lines: fitTexts(priced, MAX_BATCH_BYTES.confirmed / size.orders) }
        }),
      ]
    },
    voidOrders: async (size, all) => {
      const requests = batch(size)
      await asStep(all.prepareOrders, [requests])
      return [requests.map((request) => ({ request, refusal: refusedFor(request.lines?.length ?? 0) }))]
    },
    handOverOrders: async (size) => {
      const requests = Array.from({ length: size.orders }, () => requestOf(size, size.lines))
      const [largest = []] = splitBySize(requests, MAX_BATCH_BYTES.handedOver)
      return [largest, new Date(0).toISOString()]
    },
    findAbandonedOrders: async (size, all) => {
      for (let i = 0; i < 3; i++) await asStep(all.prepareOrders, [batch(size)])
      return []
    },
    startSettling: async () => [Array.from({ length: MAX_SWEPT }, () => 'A'.repeat(16))],
    closeDue: async (size, all) => {
      await confirmed(size, all)
      await sql`update orders set pay_deadline = now() - interval '1 hour' where status = 'PAYING'`.execute(shop.db)
      return []
    },
    findReturning: async (size, all) => {
      await confirmed(size, all)
      await sql`update orders set status = 'TRADE_CLOSED', stock_state = 'returning', updated_at = now() - interval '1 hour'
        where status = 'PAYING'`.execute(shop.db)
      return []
    },
    compareWithInventory: async () => [],
  }

  function goodsOf({ lines }: Size): number[] {
    return Array.from({ length: lines }, (_, i) => 2_000_000_000 + i)
  }
  function batch(size: Size): OrderRequest[] {
    return Array.from({ length: size.orders }, () => requestOf(size, Math.floor(MAX_BATCH_LINES / size.orders)))
  }
  async function openedBy(request: OrderRequest, all: All) {
    await asStep(all.openOrder, [request])
    return { orderSn: orderSnOf(request), lines: request.lines ?? [] }
  }
  async function openedTogether(requests: OrderRequest[], all: All) {
    await asStep(all.prepareOrders, [requests])
    return requests.map((request) => ({ orderSn: orderSnOf(request), lines: request.lines ?? [] }))
  }
  const opened = (size: Size, all: All) => openedBy(requestOf(size, size.lines), all)
  async function voidedBy(request: OrderRequest, all: All) {
    await asStep(all.sell, [await openedBy(request, all)])
    const { orderSn, lines } = await asStep(all.voidOrder, [{ request, refusal: failure('OrderTimedOut', 'for a test') }])
    return { orderSn, lines }
  }
  const voided = (size: Size, all: All) => voidedBy(requestOf(size, size.lines), all)
  async function pricedBy(request: OrderRequest, all: All) {
    const { orderSn, lines } = await openedBy(request, all)
    await asStep(all.sell, [{ orderSn, lines }])
    const goods = await asStep(all.batchGetGoods, [lines.map(({ goodsId }) => goodsId)])
    const price = { amount: 199, currency: CURRENCY }
    return { orderSn, lines: goods.map(({ name, image }, i) => ({ ...(lines[i] ?? assert.fail()), name, image, price })) }
  }
  const priced = (size: Size, all: All) => pricedBy(requestOf(size, size.lines), all)
  async function confirmed(size: Size, all: All) {
    const request = requestOf(size, size.lines)
    await asStep(all.confirmOrder, [await pricedBy(request, all)])
    return request
  }

  for (const [step, given] of Object.entries(CASES) as [keyof All, (size: Size, all: All) => Promise<unknown[]>][]) {
    it(`fits into a payload: ${step}`, async () => {
      await fc.assert(
        fc.asyncProperty(AT_THE_BOUND, async (size) => {
          const all = activitiesOf(size)
          const args = await given(size, all)
          const answer = await asStep(all[step] as (...args: unknown[]) => Promise<unknown>, args)
          for (const one of [...args, answer ?? null]) assert.ok(encodedBytes(one) <= PAYLOAD, `${encodedBytes(one)}`)
        }),
        { numRuns: 2, seed: 12 },
      )
    })
  }

  it('is tried at its bound: of every activity that there is', () => {
    const size = { lines: 1, orders: 1, text: 1, character: 'x', unasked: 0 }
    assert.deepEqual(Object.keys(CASES).sort(), Object.keys(activitiesOf(size)).sort())
  })

  it('is found by attributes that Temporal takes, of a full batch and of one order', () => {
    const size = { lines: 1, orders: MAX_BATCH_ORDERS, text: 500, character: '"', unasked: 0 }
    const requests = batch(size)
    const ofBatch = searchAttributesOfBatch(requests.map((request) => ({ orderSn: orderSnOf(request), request })))
    const first = requests[0] ?? assert.fail()
    const ofOne = searchAttributesOf(orderSnOf(first), first)
    for (const attributes of [ofBatch, ofOne]) {
      for (const { key, value } of attributes) assert.ok(encodedBytes(value) <= ATTRIBUTE, `${key.name}: ${encodedBytes(value)}`)
      assert.ok(encodedBytes(attributes.map(({ value }) => value)) <= ATTRIBUTES)
    }
  })

  it('is handed over in one report with all that the steps of its batch may have answered, by a full batch of the longest texts', () => {
    const requests = batch({ lines: MAX_LINES, orders: MAX_BATCH_ORDERS, text: 500, character: '🍵', unasked: 0 })
    const children = requests.map((request) => [
      request,
      searchAttributesOf(orderSnOf(request), request).map(({ value }) => value),
    ])
    const { goods, confirmed, repeats, voided, handedOver } = MAX_BATCH_BYTES
    const answered = 2 * (goods + confirmed + repeats) + voided
    assert.ok(encodedBytes(children) + answered <= REPORT, `${encodedBytes(children)} beside ${answered}`)
    // Larger ones, that any client may have started, in parts.
    assert.ok(handedOver + answered <= REPORT, `${handedOver} beside ${answered}`)
  })

  /** Runs a step as a worker does for a workflow. */
  async function asStep<Args extends unknown[], T>(step: (...args: Args) => Promise<T>, args: Args): Promise<T> {
    const info = { workflowExecution: { workflowId: 'create-order/sizes', runId: 'a-run' }, startToCloseTimeoutMs: 60_000 }
    const environment = new MockActivityEnvironment(info, { logger: new DefaultLogger('ERROR', () => {}) })
    return await environment.run(step as (...args: unknown[]) => Promise<T>, ...args)
  }
})
