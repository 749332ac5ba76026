import assert from 'node:assert/strict'
import type { CreateOrderInput } from '../../contracts/create-order.ts'
import { failure } from '../../contracts/failures.ts'
import { type FingerprintKey, Fingerprints, MissingFingerprintKey } from '../../contracts/fingerprints.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import { type CartStore, cartStore } from '../../store/cart-store.ts'
import type { Database } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { type OrderStore, orderStore } from '../../store/order-store.ts'
import { connectTestDatabase } from '../support/postgres.ts'

const PLAIN: FingerprintKey = { id: 'before' }
const K1: FingerprintKey = { id: 'k1', secret: Buffer.alloc(32, 1) }
const K2: FingerprintKey = { id: 'k2', secret: Buffer.alloc(32, 2) }
const REFUSAL = failure('InsufficientStock', 'for a test')

/** Keys of before a change, and those behind it. */
const CHANGES: [string, FingerprintKey[], FingerprintKey[]][] = [
  ['no key, to one', [], [K1]],
  ['no key, to one that only compares', [], [PLAIN, K1]],
  ['one that only compares, to the same', [PLAIN, K1], [K1]],
  ['one, to another', [K1, K2], [K2, K1]],
  ['one, to none that writes', [K1], [PLAIN, K1]],
]

describe('fingerprints under keys', () => {
  let db: Database
  let userId = 0

  before(async () => {
    db = await connectTestDatabase()
    await migrate(db)
  })
  beforeEach(() => {
    userId += 1
  })
  after(() => db.destroy())

  it('are what rows and keys of carts hold: neither can be computed without the key', async () => {
    const store = storeOf([K1])
    const order = await opened(store, asked())
    const held = (await store.getOrder(order.orderSn))?.fingerprint
    assert.match(held ?? '', /^[0-9a-f]{64}\.k1$/)
    const [key = ''] = await store.naturalKeys([{ userId, fingerprint: fingerprintOf(asked()) }])
    const plain = fingerprintOf(asked())
    for (const text of [held, key]) assert.ok(!text?.includes(plain.slice(0, 16)), `${text} holds the plain fingerprint`)
    const [another = ''] = await storeOf([K2]).naturalKeys([{ userId, fingerprint: plain }])
    assert.notEqual(key.split('-')[2], another.split('-')[2])
  })

  for (const [change, before, after] of CHANGES) {
    describe(`changed from ${change}`, () => {
      it('know the request of a row of before, and tell another one from it', async () => {
        const order = await opened(storeOf(before), withLines())
        const store = storeOf(after)
        for (const asIs of [plain, encryptedBy(before)]) {
          const fingerprint = asIs(order.fingerprint)
          const [again] = await store.openOrders([{ ...order, fingerprint }])
          assert.ok(again && !again.inserted)
          assert.equal(store.isOf(again.order, fingerprint), true)
          assert.equal(store.isOf(again.order, asIs(fingerprintOf({ ...order, mobile: '0101' }))), false)
        }
      })

      it('write the same row for a run that holds a fingerprint of before, encrypted', async () => {
        const input = { ...withLines(), requestId: 'encrypted' }
        const fingerprint = encryptedBy(before)(fingerprintOf(input))
        const orderSn = orderSnOf(input)
        const [held] = await storeOf(after).openOrders([{ ...input, orderSn, fingerprint, workflowId: 'w' }])
        assert.ok(held?.inserted)
        assert.equal(held.order.fingerprint, new Fingerprints(() => after).valuesOf(fingerprintOf(input))[0])
      })

      it('void the row of the same request, and that of no other', async () => {
        const order = await opened(storeOf(before), withLines())
        const voided = async (fingerprint: string) => {
          const request = { userId, requestId: order.requestId, fingerprint, workflowId: 'w' }
          const [one] = await storeOf(after).voidOrders([{ orderSn: order.orderSn, refusal: REFUSAL, request }])
          return one?.outcome
        }
        const encrypted = encryptedBy(before)
        assert.equal(await voided(fingerprintOf({ ...order, mobile: '0101' })), 'FOREIGN')
        assert.equal(await voided(encrypted(fingerprintOf({ ...order, mobile: '0101' }))), 'FOREIGN')
        assert.equal(await voided(encrypted(order.fingerprint)), 'CLOSED_NOW')
        assert.equal(await voided(order.fingerprint), 'ALREADY_CLOSED')
      })

      it('give a click the key that it had, until its order is refused', async () => {
        await carts().put(userId, { goodsId: 7, num: 1, checked: true })
        const click = async (store: OrderStore) => await nameOf(store)
        const key = await click(storeOf(before))
        const order = await opened(storeOf(before), { ...asked(), requestId: key })
        assert.equal(await click(storeOf(after)), key)
        await storeOf(after).voidOrders([{ orderSn: order.orderSn, refusal: REFUSAL }])
        assert.notEqual(await click(storeOf(after)), key)
      })

      it('refuse a click whose cart was edited since it was named', async () => {
        await carts().put(userId, { goodsId: 7, num: 1, checked: true })
        const requestId = await nameOf(storeOf(before))
        await carts().put(userId, { goodsId: 7, num: 2, checked: true })
        const order = await opened(storeOf(after), { ...asked(), requestId })
        assert.equal((await storeOf(after).getOrder(order.orderSn))?.refusal?.type, 'CartChanged')
      })
    })
  }

  it('whose key is missing are neither the same request nor another one: nothing is closed, and the key is named', async () => {
    const order = await opened(storeOf([K2]), withLines())
    const missing: string[] = []
    const store = orderStore(db, {
      fingerprints: new Fingerprints(
        () => [K1],
        (id) => missing.push(id),
      ),
    })
    const [again] = await store.openOrders([order])
    assert.throws(() => again && store.isOf(again.order, order.fingerprint), MissingFingerprintKey)
    const request = { userId, requestId: order.requestId, fingerprint: order.fingerprint, workflowId: 'w' }
    await assert.rejects(store.voidOrders([{ orderSn: order.orderSn, refusal: REFUSAL, request }]), MissingFingerprintKey)
    const inRun = { ...withLines(), requestId: 'in a run' }
    const fingerprint = encryptedBy([K2])(fingerprintOf(inRun))
    const intent = { ...inRun, orderSn: orderSnOf(inRun), fingerprint, workflowId: 'w' }
    await assert.rejects(store.openOrders([intent]), MissingFingerprintKey)
    await assert.rejects(
      store.voidOrders([{ orderSn: intent.orderSn, refusal: REFUSAL, request: intent }]),
      MissingFingerprintKey,
    )
    assert.equal(await store.getOrder(intent.orderSn), undefined)
    assert.equal((await store.getOrder(order.orderSn))?.status, 'CREATING')
    assert.deepEqual(new Set(missing), new Set(['k2']))
  })

  /** Returns the fingerprint as a run holds it that was begun with these keys. */
  function encryptedBy(keys: FingerprintKey[]): (fingerprint: string) => string {
    return (fingerprint) => new Fingerprints(() => keys).encrypted(fingerprint)
  }

  function plain(fingerprint: string): string {
    return fingerprint
  }

  function storeOf(keys: FingerprintKey[]): OrderStore {
    return orderStore(db, { fingerprints: new Fingerprints(() => keys) })
  }

  function carts(): CartStore {
    return cartStore(db)
  }

  async function nameOf(store: OrderStore): Promise<string> {
    const [key = ''] = await store.naturalKeys([{ userId, fingerprint: fingerprintOf(asked()) }])
    return key
  }

  function asked(): CreateOrderInput {
    return { userId, address: 'Harbour Road 1', name: 'Somebody', mobile: '0100' }
  }

  function withLines(): CreateOrderInput {
    return { ...asked(), lines: [{ goodsId: 3, num: 1 }] }
  }

  async function opened(store: OrderStore, input: CreateOrderInput) {
    const request = { ...input, requestId: input.requestId ?? `key of ${userId}` }
    const order = { ...request, orderSn: orderSnOf(request), fingerprint: fingerprintOf(request), workflowId: 'w' }
    await store.openOrders([order])
    return order
  }
})
