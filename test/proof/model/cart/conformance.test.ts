import assert from 'node:assert/strict'
import fc from 'fast-check'
import { failure } from '../../../../contracts/failures.ts'
import { keyPartOf } from '../../../../contracts/natural-key.ts'
import { fingerprintOf, orderSnOf } from '../../../../contracts/order-sn.ts'
import { type CartStore, cartStore } from '../../../../store/cart-store.ts'
import type { Database } from '../../../../store/database.ts'
import { migrate } from '../../../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../../../store/order-store.ts'
import { connectTestDatabase } from '../../../support/postgres.ts'
import type { Step } from '../checker.ts'
import { type CartWorld, cartKeys } from './cart-keys.ts'
import { cartWithout } from './safeguards.ts'

const model = cartKeys({ requests: ['A', 'A', 'B'], edits: 2, refusals: 2 }, cartWithout())
const REFUSAL = failure('InsufficientStock', 'for a test')
const TRACES = 120
const STEPS = 40

/** One walk through the model, and what it does for real. */
describe('the model of the natural key and the real store', () => {
  let db: Database
  let store: OrderStore
  let carts: CartStore
  let users = 0

  before(async () => {
    db = await connectTestDatabase({ max: 16 })
    await migrate(db)
    store = orderStore(db)
    carts = cartStore(db)
  })
  after(() => db.destroy())

  it('agree on every key, every order and every cart, along long walks', async () => {
    const walks = fc.sample(fc.array(fc.nat(), { minLength: STEPS, maxLength: STEPS }), { seed: 5, numRuns: TRACES })
    const seen = new Set<string>()
    for (let i = 0; i < walks.length; i += 12) await Promise.all(walks.slice(i, i + 12).map((walk) => replay(walk, seen)))
    assert.deepEqual([...seen].sort(), ['changed', 'creating', 'empty', 'paying', 'refused'], 'no walk came by the others')
  })

  async function replay(walk: readonly number[], seen: Set<string>) {
    const userId = ++users
    await carts.put(userId, { goodsId: 1, num: 1, checked: true })
    // The model's cart is at revision 0.
    await db.deleteFrom('cart_revisions').where('user_id', '=', userId).execute()
    let world = model.initial
    const trail: string[] = []
    for (const choice of walk) {
      const steps = model.steps(world)
      if (steps.length === 0) break
      const { label, state } = steps[choice % steps.length] as Step<CartWorld>
      trail.push(label)
      await perform(userId, world, state, trail)
      world = state
      await compare(userId, world, trail)
      for (const { state: ended } of Object.values(world.orders)) seen.add(ended)
    }
  }

  /** Does for real what changed from one state of the model to the next. The snapshot of openOrders is taken with its locks. */
  async function perform(userId: number, before: CartWorld, after: CartWorld, trail: readonly string[]) {
    if (after.edits > before.edits) {
      // One edit of the model, whatever it takes out: what is deleted by hand raises nothing.
      const [first, ...others] = goodsIn(after.cart ^ before.cart)
      if (first === undefined) assert.fail('an edit that edits nothing')
      await db
        .deleteFrom('cart_items')
        .where('user_id', '=', userId)
        .where('goods_id', 'in', [0, ...others])
        .execute()
      if (after.cart & first) await carts.put(userId, { goodsId: first, num: 1, checked: true })
      else await carts.remove(userId, first)
    }
    for (const [i, { at, key }] of after.requests.entries()) {
      if (at !== 'keyed' || key === before.requests[i]?.key) continue
      const fields = fieldsOf(key)
      const [real] = await store.naturalKeys([{ userId, fingerprint: fingerprintOf(asked(userId, fields)) }])
      assert.equal(real, realKeyOf(userId, key), trail.join('\n'))
    }
    for (const [key, { state }] of Object.entries(after.orders)) {
      const was = before.orders[key]?.state
      const orderSn = orderSnOf({ userId, requestId: realKeyOf(userId, key) })
      if (!was) await open(userId, key)
      else if (was === 'creating' && state === 'refused') await store.voidOrders([{ orderSn, refusal: REFUSAL }])
      else if (was === 'creating' && state === 'paying') await confirm(orderSn, after.orders[key]?.goods ?? 0)
    }
  }

  async function open(userId: number, key: string) {
    const request = { ...asked(userId, fieldsOf(key)), requestId: realKeyOf(userId, key) }
    await store.openOrders([{ ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'test' }])
  }

  async function confirm(orderSn: string, goods: number) {
    const lines = goodsIn(goods).map((goodsId) => ({
      goodsId,
      num: 1,
      name: 'Tea',
      image: '',
      price: { amount: 1, currency: 'CNY' },
    }))
    await store.confirmOrders([{ orderSn, total: lines.length, lines }])
  }

  async function compare(userId: number, world: CartWorld, trail: readonly string[]) {
    const story = trail.join('\n')
    assert.deepEqual(
      (await carts.list(userId)).map(({ goodsId }) => goodsId),
      goodsIn(world.cart),
      story,
    )
    const rows = await db.selectFrom('orders').selectAll().where('user_id', '=', userId).execute()
    const real = rows.map((row) => [
      row.request_id,
      row.confirmed_at ? 'paying' : row.status === 'CREATING' ? 'creating' : stateOf(row.refusal_type),
      row.status === 'CREATING' || row.confirmed_at ? (row.lines ?? []).map(({ goodsId }) => goodsId) : [],
    ])
    const expected = Object.entries(world.orders).map(([key, { state, goods }]) => [
      realKeyOf(userId, key),
      state,
      state === 'creating' || state === 'paying' ? goodsIn(goods) : [],
    ])
    assert.deepEqual(sorted(real), sorted(expected), story)
  }

  function realKeyOf(userId: number, key: string): string {
    return `cart-${key[0]}-${keyPartOf(fingerprintOf(asked(userId, fieldsOf(key))))}-${key.slice(2)}`
  }
})

function asked(userId: number, fields: string) {
  return { userId, address: `${fields} Test Street`, name: 'Somebody', mobile: '0100' }
}

function fieldsOf(key: string): string {
  return key[1] as string
}

function stateOf(refusal: string | null): string {
  return refusal === 'EmptyCart' ? 'empty' : refusal === 'CartChanged' ? 'changed' : 'refused'
}

function goodsIn(set: number): number[] {
  return [1, 2, 4].filter((one) => set & one)
}

function sorted<T>(rows: readonly T[]): T[] {
  return [...rows].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
