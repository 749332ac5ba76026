import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import type { CartItem } from '../../contracts/cart-item.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { endRoots, spawnRoot } from './faults/spawn-root.ts'
import { call, freshUser, orderOf } from './shop.ts'
import { StockEquation } from './stock.ts'

const GOODS = [64, 65]
const OFF_SALE = 196
const UNKNOWN_GOODS = 9_999

describe('a cart, from the first goods to its order', () => {
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })
  afterEach(endRoots)

  for (const [arrangement, hosted] of [
    ['with the worker in the starter', 'true'],
    ['with a worker of its own', 'false'],
  ] as const) {
    it(`${arrangement}: adds up, names what changed, and is ordered at the total to which its buyer agreed or not at all`, async () => {
      const settings = { TASK_QUEUE: `cart-${hosted}`, STARTER_WORKER: hosted }
      const { url } = await spawnRoot(stack, 'starter', settings)
      if (hosted === 'false') await spawnRoot(stack, 'worker', settings)
      const stock = await StockEquation.of(stack, GOODS)
      const userId = freshUser()
      const items = `${url}/users/${userId}/cart/items`
      const add = (goodsId: number, num: number) => call(items, { method: 'POST', body: { goodsId, num } })

      const [goodsId = 0, other = 0] = GOODS
      const both = await Promise.all([add(goodsId, 2), add(goodsId, 3), add(other, 1)])
      assert.deepEqual(
        both.map(({ status }) => status),
        [200, 200, 200],
      )
      for (const [bad, failure] of [
        [OFF_SALE, 'GoodsOffSale'],
        [UNKNOWN_GOODS, 'GoodsNotFound'],
      ] as const) {
        assert.equal((await add(bad, 1)).body.failure, failure)
        assert.equal((await call(`${items}/${bad}`, { method: 'PUT', body: { num: 1 } })).body.failure, failure)
      }
      const unchecked = await call(`${items}/${other}`, { method: 'PATCH', body: { checked: false } })
      assert.deepEqual([unchecked.body.num, unchecked.body.checked], [1, false])
      const before = await call(items)
      const [first] = before.body.items as CartItem[]
      const price = first?.priceNow
      assert.ok(first && price)
      assert.deepEqual(
        [before.body.compared, first.num, first.checked, first.price, first.change],
        [true, 5, true, price, undefined],
      )
      assert.match(first.name ?? '', /, \w+$/)

      // As if it had been put there when the goods cost less; and the buyer agreed to that.
      const cheaper = { ...price, amount: price.amount - 1 }
      const row = stack.db.updateTable('cart_items').set({ price: cheaper.amount }).where('user_id', '=', userId)
      await row.where('goods_id', '=', goodsId).execute()
      const [dearer] = (await call(items)).body.items as CartItem[]
      assert.deepEqual([dearer?.change, dearer?.price, dearer?.priceNow], ['dearer', cheaper, price])
      const total = { ...price, amount: 5 * price.amount }
      const expectedTotal = { ...price, amount: 5 * cheaper.amount }
      const order = (asked: object, key: string) =>
        call(`${url}/orders`, { method: 'POST', key, body: { ...orderOf(userId), ...asked } })
      const key = randomUUID()
      const refused = await order({ expectedTotal }, key)
      assert.deepEqual([refused.status, refused.body.failure], [422, 'PriceChanged'])
      assert.deepEqual(
        [refused.body.expectedTotal, refused.body.total, refused.body.prices],
        [expectedTotal, total, [{ goodsId, num: 5, price, priceInCart: cheaper }]],
      )
      const repeat = await order({ expectedTotal }, key)
      assert.deepEqual([repeat.status, repeat.body], [refused.status, refused.body])
      assert.equal((await order({ expectedTotal: total }, key)).body.failure, 'IdempotencyKeyReused')
      await stock.assertHolds()

      const placed = await order({ expectedTotal: total }, randomUUID())
      assert.deepEqual([placed.status, placed.body.total], [201, total])
      const left = (await call(items)).body.items as CartItem[]
      assert.deepEqual(
        left.map(({ goodsId, num, checked }) => ({ goodsId, num, checked })),
        [{ goodsId: other, num: 1, checked: false }],
      )
      await stock.assertHolds()
    })
  }

  it('is shown as it was put, and takes nothing new, while no goods service answers; a buyer changes and empties it all the same', async () => {
    const userId = freshUser()
    const put = await call(`${stack.httpUrl}/users/${userId}/cart/items/64`, { method: 'PUT', body: { num: 2 } })
    assert.equal(put.status, 200)
    const nowhere = { TASK_QUEUE: 'cart-without-goods', STARTER_WORKER: 'false', GOODS_TARGET: '127.0.0.1:1' }
    const items = `${(await spawnRoot(stack, 'starter', nowhere)).url}/users/${userId}/cart/items`
    for (const answer of [
      await call(items, { method: 'POST', body: { goodsId: 64, num: 1 } }),
      await call(`${items}/65`, { method: 'PUT', body: { num: 1 } }),
    ]) {
      assert.deepEqual([answer.status, answer.body.failure, answer.body.service], [503, 'ServiceUnavailable', 'goods'])
      assert.ok(answer.headers.get('retry-after'))
    }
    assert.deepEqual((await call(items)).body, { items: [put.body], compared: false })
    assert.equal((await call(`${items}/64`, { method: 'PATCH', body: { num: 1 } })).body.num, 1)
    assert.equal((await call(`${items}/64`, { method: 'DELETE' })).status, 204)
  })
})
