import assert from 'node:assert/strict'
import type { CreateOrderInput, CreateOrderResult } from '../../contracts/create-order.ts'
import type { BatchOutcome } from '../../contracts/create-orders.ts'
import type { Failure } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { orderStore } from '../../store/order-store.ts'
import { LaneShop } from '../support/lane-shop.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

type Request = CreateOrderInput & { requestId: string }

/** Minor units of one piece of any goods of the shop. */
const PRICE = 199
/** Five pieces, and a little. */
const CAP = 5 * PRICE + 4

describe('the value that a user may hold unpaid', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: LaneShop
  let requests = 0
  let users = 0

  before(async () => {
    parts = await connectParts()
  })
  beforeEach(async () => {
    shop = await LaneShop.open()
  })
  afterEach(() => shop.db.destroy())
  after(() => parts.close())

  const LANES: Record<string, (requests: Request[]) => Promise<string[]>> = {
    createOrder: alone,
    createOrders: together,
  }
  for (const [lane, run] of Object.entries(LANES)) {
    it(`is not exceeded in ${lane}: the order that would is refused for ever before anything is sold, and a smaller one is not`, async () => {
      const userId = ++users
      const place = async (num: number) => {
        const request = asked(userId, num)
        return { request, answer: (await run([request]))[0] }
      }
      assert.equal((await place(4)).answer, 'PAYING')
      const { request, answer } = await place(2)
      assert.match(
        answer ?? '',
        /^UnpaidOrdersLimit: the order came to 398 minor units, and its user might have had 203 more to pay \(USER_MAX_UNPAID_VALUE\): /,
      )
      assert.notEqual(shop.ledger.get(orderSnOf(request))?.state, 'SOLD')
      assert.equal((await place(1)).answer, 'PAYING')
      assert.match((await place(1)).answer ?? '', /^UnpaidOrdersLimit: /)

      const unpaid = shop.db.updateTable('orders').where('user_id', '=', userId).where('status', '=', 'PAYING')
      await unpaid.set({ status: 'TRADE_SUCCESS' }).execute()
      assert.deepEqual(await run([request]), [answer])
      assert.equal((await place(2)).answer, 'PAYING')
    })

    it(`is not exceeded in ${lane} by many orders at once`, async () => {
      const userId = ++users
      for (let round = 0; round < 3; round++) await run([3, 2, 3, 1].map((num) => asked(userId, num)))
      const { total } = await shop.db
        .selectFrom('orders')
        .select(({ fn }) => fn.sum('total').as('total'))
        .where('user_id', '=', userId)
        .where('status', '=', 'PAYING')
        .executeTakeFirstOrThrow()
      assert.ok(Number(total) > 0 && Number(total) <= CAP, `${total} of ${CAP}`)
      assert.deepEqual((await shop.violations()).slice(0, 3), [])
    })
  }

  function asked(userId: number, num: number): Request {
    const requestId = `unpaid ${++requests}`
    return { userId, requestId, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num }] }
  }

  function activities() {
    const { openOrders } = orderStore(shop.db, { caps: { unpaidOrders: 0, unpaidPieces: 0, unpaidValue: CAP } })
    return shop.activities({ openOrders })
  }

  async function alone(all: Request[]): Promise<string[]> {
    return await withWorker(parts, activities(), async (begin) =>
      Promise.all(
        all.map(async (request) => {
          const ended = await outcome<CreateOrderResult>(await begin('createOrder', request))
          return nameOf('result' in ended ? ended.result : ended.refused)
        }),
      ),
    )
  }

  async function together(all: Request[]): Promise<string[]> {
    return await withWorker(parts, activities(), async (begin) => {
      const ended = await outcome<BatchOutcome[]>(await begin('createOrders', all))
      assert.ok('result' in ended, JSON.stringify(ended))
      return ended.result.map((one) => {
        assert.ok(one.state !== 'handedOver')
        return nameOf(one.state === 'confirmed' ? one.order : one.refusal)
      })
    })
  }
})

function nameOf(answer: CreateOrderResult | Failure | undefined): string {
  assert.ok(answer)
  return 'type' in answer ? `${answer.type}: ${answer.message}` : answer.status
}
