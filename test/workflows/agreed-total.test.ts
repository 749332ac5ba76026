import assert from 'node:assert/strict'
import type { CreateOrderInput, CreateOrderResult } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import type { Failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { LaneShop } from '../support/lane-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

type Request = CreateOrderInput & { requestId: string }

const PRICE = { amount: 199, currency: 'CNY' }
const LINES = [{ goodsId: 1, num: 2 }]
const TOTAL = { amount: 398, currency: 'CNY' }

describe('an order whose buyer agreed to a total', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: LaneShop
  let requests = 0

  before(async () => {
    parts = await connectParts()
  })
  beforeEach(async () => {
    shop = await LaneShop.open()
  })
  afterEach(() => shop.db.destroy())
  after(() => parts.close())

  const LANES: Record<string, (requests: Request[]) => Promise<(CreateOrderResult | Failure)[]>> = {
    createOrder: async (all) => await Promise.all(all.map(alone)),
    createOrders: together,
  }
  for (const [lane, run] of Object.entries(LANES)) {
    describe(`in ${lane}`, () => {
      it('is confirmed if it comes to that, and refused otherwise before anything is sold; repeats hear the same', async () => {
        const agreed = asked({ expectedTotal: TOTAL })
        const others = [
          { ...TOTAL, amount: 397 },
          { ...TOTAL, amount: 399 },
          { ...TOTAL, currency: 'EUR' },
        ].map((expectedTotal) => asked({ expectedTotal }))
        const answers = await run([agreed, ...others])
        assert.deepEqual(answers.map(nameOf), ['PAYING', 'PriceChanged', 'PriceChanged', 'PriceChanged'])
        const prices = [{ goodsId: 1, num: 2, price: PRICE }]
        for (const [i, answer] of answers.slice(1).entries()) {
          assert.deepEqual((answer as Failure).details, { expectedTotal: others[i]?.expectedTotal, total: TOTAL, prices })
        }
        assert.deepEqual(await run([agreed, ...others]), answers)
        for (const other of others) assert.notEqual(shop.ledger.get(orderSnOf(other))?.state, 'SOLD')
        assert.deepEqual(await shop.violations(), [])
      })

      it('hears of each line what it cost when it was put into the cart, if the cart knows', async () => {
        const request = asked({ expectedTotal: TOTAL })
        delete request.lines
        const { userId } = request
        const items = [
          { user_id: userId, goods_id: 1, num: 1, price: 150, currency: 'CNY' },
          { user_id: userId, goods_id: 2, num: 3 },
          { user_id: userId, goods_id: 3, num: 1, checked: false, price: 10, currency: 'CNY' },
          { user_id: userId + 1, goods_id: 2, num: 1, price: 10, currency: 'CNY' },
        ]
        await shop.db.insertInto('cart_items').values(items).execute()
        const [answer] = await run([request])
        const { type, details } = answer as Failure
        assert.deepEqual(
          [type, details.prices],
          [
            'PriceChanged',
            [
              { goodsId: 1, num: 1, price: PRICE, priceInCart: { amount: 150, currency: 'CNY' } },
              { goodsId: 2, num: 3, price: PRICE },
            ],
          ],
        )
        assert.deepEqual(await run([request]), [answer])
        assert.deepEqual(await shop.violations(), [])
      })
    })
  }

  function asked(part: Partial<Request>): Request {
    const requestId = `agreed ${++requests}`
    return { userId: requests, requestId, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: LINES, ...part }
  }

  async function alone(request: Request): Promise<CreateOrderResult | Failure> {
    return await withWorker(parts, shop.activities(), async (begin) => {
      const ended = await outcome<CreateOrderResult>(await begin('createOrder', request))
      const answer = 'result' in ended ? ended.result : ended.refused
      assert.ok(answer)
      return answer
    })
  }

  async function together(all: Request[]): Promise<(CreateOrderResult | Failure)[]> {
    return await withWorker(parts, shop.activities(), async (begin) => {
      const ended = await outcome<BatchOutcome[]>(await begin('createOrders', all))
      assert.ok('result' in ended, JSON.stringify(ended))
      return ended.result.map((one) => {
        assert.ok(one.state !== 'handedOver')
        return one.state === 'confirmed' ? one.order : one.refusal
      })
    })
  }
})

function nameOf(answer: CreateOrderResult | Failure): string {
  return 'type' in answer ? answer.type : answer.status
}
