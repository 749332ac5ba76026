import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createActivities } from '../../activities/create-activities.ts'
import { onBehalfOf } from '../../activities/running-workflow.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import { MAX_BATCH_BYTES, MAX_BATCH_LINES } from '../../contracts/create-orders.ts'
import { encodedBytes } from '../../contracts/encoded-size.ts'
import { failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { Batch } from '../../workflows/batch.ts'
import { tryBatch } from '../../workflows/try-batch.ts'
import { LaneShop, NO_GOODS } from '../support/lane-shop.ts'

/** Temporal's limits: of one payload, and of all that one workflow task reports, less what goes with it. */
const PAYLOAD = 2 * 1024 * 1024
const TASK = 4 * 1024 * 1024 - 200_000

describe('the sizes of what steps answer', () => {
  let shop: LaneShop
  let users = 0

  before(async () => {
    shop = await LaneShop.open()
  })
  after(async () => {
    await shop?.db.destroy()
  })

  /** The real steps over the real store; every goods has this name and this image. */
  function steps(name: string, image = '') {
    return createActivities({
      orders: shop.store,
      currency: 'CNY',
      attendanceOf: async () => 'none' as never,
      answerGiven: async () => undefined,
      startOwnRun: async () => {},
      startSettling: async () => {},
      sweepAfterMs: 0,
      goods: {
        batchGetGoods: async (ids) =>
          ids.map((id) => ({ ...NO_GOODS, id, name, goodsFrontImage: image, onSale: true, shopPrice: Math.fround(1.99) })),
      },
      users: { getUserById: async () => ({}) as never },
      inventory: { sell: async () => {}, reback: async () => {}, sellUnkeyed: async () => {}, rebackUnkeyed: async () => {} },
    })
  }

  function requestOf(lines: number): OrderRequest {
    const goods = Array.from({ length: lines }, (_, i) => ({ goodsId: 2_000_000_000 + i, num: 9_999 }))
    return { userId: ++users, requestId: 'sizes', address: 'a', name: 'n', mobile: 'm', lines: goods }
  }

  const text = fc.record({
    character: fc.constantFrom('x', '"', '\u0001', '茶', '🍵'),
    bytes: fc.integer({ min: 100, max: 1_100 }),
  })
  const textOf = ({ character, bytes }: { character: string; bytes: number }) =>
    character.repeat(Math.ceil(bytes / Buffer.byteLength(character)))

  it('fit into the payloads and the report of a batch, whatever its orders are and its goods are called', async () => {
    const batches = fc.record({ orders: fc.integer({ min: 1, max: 100 }), name: text, image: text })
    await fc.assert(
      fc.asyncProperty(batches, async ({ orders, name, image }) => {
        const activities = steps(textOf(name), textOf(image))
        const requests = Array.from({ length: orders }, () => requestOf(Math.floor(MAX_BATCH_LINES / orders)))
        const sizes: number[] = []
        const measured = <Args extends unknown[], Answer>(step: (...args: Args) => Promise<Answer>) => {
          return async (...args: Args) => {
            const answer = await onBehalfOf('create-orders/sizes', () => step(...args))
            sizes.push(encodedBytes(answer))
            return answer
          }
        }
        const { prepareOrders, sellOrders, confirmOrders, voidOrders } = activities
        const batch = new Batch(requests, 'run')
        const tried = { prepareOrders, sellOrders, confirmOrders }
        await tryBatch(batch, {
          prepareOrders: measured(tried.prepareOrders),
          sellOrders: measured(tried.sellOrders),
          confirmOrders: measured(tried.confirmOrders),
        })
        const late = failure('OrderTimedOut', 'for a test')
        await measured(voidOrders)(requests.map((request) => ({ request, refusal: late })))
        sizes.push(encodedBytes(batch.all.map(({ outcome, request }) => outcome ?? request)))
        for (const size of sizes) assert.ok(size <= PAYLOAD, `${sizes}`)
        const [prepared = 0] = sizes
        assert.ok(prepared + MAX_BATCH_BYTES.ahead + 20 <= PAYLOAD, `${prepared}, with what a head start brings along`)
        const sum = sizes.reduce((a, b) => a + b, 0)
        assert.ok(sum <= TASK, `${sum}: ${sizes}`)
      }),
      { numRuns: 12, seed: 12 },
    )
  })

  it('fit into the payloads of an order of its own', async () => {
    const { batchGetGoods, openOrder, confirmOrder, voidOrder } = steps('\u0001'.repeat(1_000), 'x'.repeat(1_000))
    const request = requestOf(1_000)
    const lines = request.lines ?? []
    const answers: unknown[] = []
    await onBehalfOf('create-order/sizes', async () => {
      answers.push(await openOrder(request))
      const goods = await batchGetGoods(lines.map(({ goodsId }) => goodsId))
      const price = { amount: 199, currency: 'CNY' }
      const priced = goods.map(({ goodsId, name, image }) => ({ goodsId, name, image, price, num: 9_999 }))
      answers.push(goods, { orderSn: orderSnOf(request), lines: priced })
      answers.push(await confirmOrder({ orderSn: orderSnOf(request), lines: priced }))
      answers.push(await openOrder(request), await voidOrder({ request, refusal: failure('OrderTimedOut', 'for a test') }))
    })
    for (const answer of answers) assert.ok(encodedBytes(answer) <= PAYLOAD, String(encodedBytes(answer)))
  })

  it('fit although the rows hold more: 80 repeats of orders of 190 goods, 20 of whom are judged too', async () => {
    const { prepareOrders, openOrder, voidOrders } = steps('')
    const requests = Array.from({ length: 80 }, () => requestOf(190))
    for (let i = 0; i < requests.length; i += 10) {
      const some = requests.slice(i, i + 10)
      await onBehalfOf('create-orders/sizes', () => prepareOrders(some))
      const price = { amount: 199, currency: 'CNY' }
      // As a build did that did not bound them.
      await shop.store.confirmOrders(
        some.map((request) => ({
          orderSn: orderSnOf(request),
          total: 199 * 190,
          lines: (request.lines ?? []).map((line) => ({ ...line, name: '"'.repeat(1_000), image: 'x'.repeat(1_000), price })),
        })),
      )
    }
    await onBehalfOf('create-orders/again', async () => {
      const prepared = await prepareOrders(requests)
      assert.ok(encodedBytes(prepared) <= PAYLOAD, String(encodedBytes(prepared)))
      assert.ok(prepared.openings.some(({ state }) => state === 'doubtful'))
      const judged = await voidOrders(requests.map((request) => ({ request, refusal: failure('OrderTimedOut', 'for a test') })))
      assert.ok(encodedBytes(judged) <= PAYLOAD, String(encodedBytes(judged)))
      const alone = await openOrder(requests[0] as OrderRequest)
      assert.equal(alone.state === 'confirmed' && alone.order.lines.length, 190)
    })
  })

  it('fit although the row holds more: a repeat of an order of a thousand goods', async () => {
    const { openOrder, voidOrder } = steps('')
    const request = requestOf(1_000)
    const orderSn = orderSnOf(request)
    await onBehalfOf('create-order/sizes', async () => {
      await openOrder(request)
      const texts = { name: '"'.repeat(1_000), image: 'x'.repeat(1_000), price: { amount: 199, currency: 'CNY' } }
      const lines = (request.lines ?? []).map((line) => ({ ...line, ...texts }))
      await shop.store.confirmOrders([{ orderSn, total: 199_000, lines }])
      for (const answer of [await openOrder(request), await voidOrder({ request, refusal: failure('OrderTimedOut', 'late') })])
        assert.ok(encodedBytes(answer) <= PAYLOAD, String(encodedBytes(answer)))
    })
  })

  it('have no more lines in a batch than it may, of carts, whose lines nobody counted before: others are left to a run of their own', async () => {
    const { prepareOrders } = steps('')
    const requests = [600, 600, 400].map((lines) => ({ ...requestOf(lines), lines: undefined as never, count: lines }))
    for (const { userId, count } of requests) {
      const items = Array.from({ length: count }, (_, i) => ({ user_id: userId, goods_id: i + 1, num: 1, checked: true }))
      await shop.db.insertInto('cart_items').values(items).execute()
    }
    const asked = requests.map(({ count: _, lines: __, ...request }) => request)
    const { openings } = await onBehalfOf('create-orders/carts', () => prepareOrders(asked))
    assert.deepEqual(
      openings.map((one) => (one.state === 'open' ? one.lines.length : one.state === 'doubtful' && one.reason)),
      [600, 'too_large', 400],
    )
  })
})
