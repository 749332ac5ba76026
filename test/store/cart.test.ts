import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { type AddOutcome, type CartStore, cartStore, type StoredCartItem } from '../../store/cart-store.ts'
import type { Database } from '../../store/database.ts'
import { connectTestStore } from '../support/test-store.ts'

const TEA = { name: 'Tea', image: 'tea.png', price: { amount: 2_700, currency: 'CNY' } }

describe('what is put into a cart', () => {
  let db: Database
  let carts: CartStore
  let users = 0
  let userId: number

  before(async () => {
    db = await connectTestStore({ max: 20 })
    carts = cartStore(db)
  })
  beforeEach(() => {
    userId = ++users
  })
  after(() => db.destroy())

  it('is all there, if it is added at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => carts.add(userId, { goodsId: 1, num: 3 }, TEA)))
    assert.equal((await carts.get(userId, 1))?.num, 150)
    const seen = answers.map((answer) => itemOf(answer).num)
    assert.deepEqual(
      seen.sort((a, b) => a - b),
      Array.from({ length: 50 }, (_, i) => 3 * (i + 1)),
    )
  })

  it('is added once under a key, however often and at what time that is sent', async () => {
    const line = { goodsId: 1, num: 3 }
    await carts.add(userId, line, TEA)
    const answers = await Promise.all(Array.from({ length: 20 }, () => carts.addOnce(userId, 'k1', line, TEA)))
    for (const answer of answers) assert.equal(itemOf(answer).num, 6)
    assert.equal((await carts.get(userId, 1))?.num, 6)

    // Another key, another user's key and another request are others.
    await carts.addOnce(userId, 'k2', line, TEA)
    assert.equal((await carts.get(userId, 1))?.num, 9)
    await carts.addOnce(userId + 1_000, 'k1', line, TEA)
    for (const other of [
      { goodsId: 2, num: 3 },
      { goodsId: 1, num: 4 },
    ]) {
      assert.deepEqual(await carts.addedBefore(userId, 'k1', other), { kind: 'keyReused' })
      assert.deepEqual(await carts.addOnce(userId, 'k1', other, TEA), { kind: 'keyReused' })
    }
    await carts.remove(userId, 1)
    assert.deepEqual(await carts.addOnce(userId, 'k1', line, TEA), { kind: 'gone' })
    assert.deepEqual(await carts.list(userId), [])
  })

  it('is not held for added under a key if it did not fit, and may be sent again', async () => {
    await carts.add(userId, { goodsId: 1, num: 9_998 }, TEA)
    const line = { goodsId: 1, num: 2 }
    assert.deepEqual(await carts.addOnce(userId, 'k1', line, TEA), { kind: 'tooMany', there: 9_998 })
    assert.equal(await carts.addedBefore(userId, 'k1', line), undefined)
    await carts.change(userId, 1, { num: 1 })
    assert.equal(itemOf(await carts.addOnce(userId, 'k1', line, TEA)).num, 3)
  })

  it('is added anew under a key of long ago, and no such key is kept', async () => {
    const line = { goodsId: 1, num: 3 }
    for (const key of ['k1', 'k2', 'k3']) await carts.addOnce(userId, key, line, TEA)
    await sql`update cart_additions set at = now() - interval '25 hours'`.execute(db)
    assert.equal(await carts.addedBefore(userId, 'k1', line), undefined)
    await carts.addOnce(userId, 'k1', line, TEA)
    assert.equal((await carts.get(userId, 1))?.num, 12)
    const kept = await db.selectFrom('cart_additions').select('key').execute()
    assert.deepEqual(kept, [{ key: 'k1' }])
  })

  it('is as much as one order may have of it, and no more, however many add', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => carts.add(userId, { goodsId: 1, num: 400 }, TEA)))
    const refused = answers.filter((answer) => answer.kind === 'tooMany')
    assert.equal(refused.length, 50 - 24)
    assert.equal((await carts.get(userId, 1))?.num, 9_600)
    assert.deepEqual(await carts.add(userId, { goodsId: 1, num: 400 }, TEA), { kind: 'tooMany', there: 9_600 })
    assert.equal((await carts.get(userId, 1))?.num, 9_600)
    assert.equal(itemOf(await carts.add(userId, { goodsId: 1, num: 399 }, TEA)).num, 9_999)
  })

  it('is no more than as many goods as one order may have, however many add', async () => {
    const goods = Array.from({ length: 990 }, (_, i) => ({ user_id: userId, goods_id: i + 1, num: 1 }))
    await db.insertInto('cart_items').values(goods).execute()
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, i) => carts.add(userId, { goodsId: 2_000 + i, num: 1 }, TEA)),
    )
    assert.equal(answers.filter(({ kind }) => kind === 'full').length, 20)
    assert.equal((await carts.list(userId)).length, 1_000)
    assert.equal(itemOf(await carts.add(userId, { goodsId: 1, num: 1 }, TEA)).num, 2)
  })

  it('keeps what the goods were called and cost, anew each time that they are put there', async () => {
    const { addedAt = '', id, ...first } = itemOf(await carts.put(userId, { goodsId: 1, num: 2, checked: false }, TEA))
    assert.deepEqual(first, { goodsId: 1, num: 2, checked: false, ...TEA })
    assert.ok(!Number.isNaN(Date.parse(addedAt)))
    const { price: _, ...unpriced } = TEA
    await carts.add(userId, { goodsId: 1, num: 1 }, { ...unpriced, name: 'Green tea' })
    const { addedAt: again, id: same, ...second } = (await carts.get(userId, 1)) ?? {}
    assert.deepEqual(second, { goodsId: 1, num: 3, checked: true, image: 'tea.png', name: 'Green tea' })
    assert.equal(same, id)
    assert.ok(Date.parse(again ?? '') >= Date.parse(addedAt))
  })

  it('changes in quantity or check alone, and stays what it was otherwise', async () => {
    const put = itemOf(await carts.put(userId, { goodsId: 1, num: 2, checked: true }, TEA))
    assert.deepEqual(await carts.change(userId, 1, { num: 7 }), { ...put, num: 7 })
    assert.deepEqual(await carts.change(userId, 1, { checked: false }), { ...put, num: 7, checked: false })
    assert.equal(await carts.change(userId, 2, { num: 1 }), undefined)
    await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        i % 2 ? carts.add(userId, { goodsId: 1, num: 1 }, TEA) : carts.change(userId, 1, { checked: i % 4 === 0 }),
      ),
    )
    assert.equal((await carts.get(userId, 1))?.num, 27)
  })

  it('goes on if it was put there before anything was kept of the goods', async () => {
    await db.insertInto('cart_items').values({ user_id: userId, goods_id: 1, num: 2 }).execute()
    const [item] = await carts.list(userId)
    assert.deepEqual(item, { id: item?.id, goodsId: 1, num: 2, checked: true })
    assert.deepEqual(await carts.change(userId, 1, { num: 3 }), { ...item, num: 3 })
  })
})

function itemOf(outcome: AddOutcome): StoredCartItem {
  assert.ok(outcome.kind === 'inCart', JSON.stringify(outcome))
  return outcome.item
}
