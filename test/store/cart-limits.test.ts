import assert from 'node:assert/strict'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { type CartStore, cartStore } from '../../store/cart-store.ts'
import type { Database } from '../../store/database.ts'
import { openOrders } from '../../store/open-orders.ts'
import { connectTestStore } from '../support/test-store.ts'

describe('a cart', () => {
  let db: Database
  let carts: CartStore

  before(async () => {
    db = await connectTestStore()
    carts = cartStore(db)
  })
  after(() => db.destroy())

  it('holds as many goods as one order may have', async () => {
    await fill(1, 1_000)
    assert.deepEqual(await carts.put(1, { goodsId: 1_001, num: 1, checked: true }), { kind: 'full' })
    assert.equal((await carts.put(1, { goodsId: 1_000, num: 2, checked: true })).kind, 'inCart')
    assert.equal((await carts.get(1, 1_000))?.num, 2)
    assert.equal(await carts.remove(1, 1_000), true)
    assert.equal(await carts.remove(1, 1_000), false)
  })

  it('is refused if it holds more all the same, and ordered if it holds as many', async () => {
    for (const [userId, count, refused] of [
      [2, 1_001, 'InvalidInput'],
      [3, 1_000, undefined],
    ] as const) {
      await fill(userId, count)
      const request = { userId, requestId: 'first', address: '1 Test Street', name: 'Somebody', mobile: '0100' }
      const keys = { orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'test' }
      const [opened] = await openOrders(db, [{ ...request, ...keys }])
      assert.deepEqual([opened?.order.refusal?.type, opened?.lines.length], [refused, refused ? 0 : count])
    }
  })

  async function fill(userId: number, count: number): Promise<void> {
    const goods = Array.from({ length: count }, (_, i) => ({ user_id: userId, goods_id: i + 1, num: 1, checked: true }))
    await db.insertInto('cart_items').values(goods).execute()
  }
})
