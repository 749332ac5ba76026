import assert from 'node:assert/strict'
import pg from 'pg'
import type { AppDeps } from '../../api/app.ts'
import { RequestNames } from '../../api/request-names.ts'
import type { OrderRequest } from '../../contracts/create-order.ts'
import { failure } from '../../contracts/failures.ts'
import { naturalKeyOf } from '../../contracts/natural-key.ts'
import { fingerprintOf, orderSnOf } from '../../contracts/order-sn.ts'
import type { AskedKey } from '../../store/natural-keys.ts'
import { appOf, ordersThatSay, REQUEST, RESULT, RUN, runsThat } from './parts.ts'

const { requestId: _, lines, ...FROM_CART } = REQUEST
const CHANGED = failure('CartChanged', 'the cart was changed')

describe('POST /orders from the cart, without a key,', () => {
  it('goes by the natural key, which the answer names', async () => {
    const { post, started } = await appOf({ runs: runsThat({ kind: 'open' }), orders: revisions() })
    const [first, second] = [await post(FROM_CART), await post(FROM_CART)]
    const keys = [0, 1].map((revision) => naturalKeyOf({ fingerprint: fingerprintOf(FROM_CART), revision, spent: 0 }))
    assert.deepEqual(
      [first, second].map(({ headers }) => headers['idempotency-key']),
      keys,
    )
    assert.deepEqual(
      [first, second].map(({ headers }) => headers.location),
      keys.map((requestId) => `/orders/${orderSnOf({ userId: REQUEST.userId, requestId })}`),
    )
    assert.deepEqual(started, [])
  })

  it('is one for null as for nothing', async () => {
    const { post, started } = await appOf()
    await post({ ...FROM_CART, lines: null, requestId: null, post: null })
    await post(FROM_CART)
    assert.equal(started[0]?.requestId, started[1]?.requestId)
  })

  it('is placed again under its new key if the cart was edited meanwhile, and says nothing of it', async () => {
    const runs = changing(2)
    const { post } = await appOf({ runs, orders: revisions() })
    const answer = await post(FROM_CART)
    assert.deepEqual([answer.statusCode, answer.json()], [201, RESULT])
    const keys = [0, 1, 2].map((revision) => naturalKeyOf({ fingerprint: fingerprintOf(FROM_CART), revision, spent: 0 }))
    assert.deepEqual(
      runs.started.map(({ requestId }) => requestId),
      keys,
    )
    assert.equal(answer.headers['idempotency-key'], keys[2])
  })

  it('is refused if the cart was edited five times meanwhile', async () => {
    const runs = changing(Number.POSITIVE_INFINITY)
    const answer = await (await appOf({ runs, orders: revisions() })).post(FROM_CART)
    assert.deepEqual([answer.statusCode, answer.json().failure, runs.started.length], [409, 'CartChanged', 5])
    assert.ok(Number(answer.headers['retry-after']) > 0)
  })

  it('is answered any other refusal at once', async () => {
    const runs = runsThat({ kind: 'refused', refused: failure('OrderInProgress', 'another one') })
    const orders = revisions()
    const answer = await (await appOf({ runs, orders })).post(FROM_CART)
    assert.deepEqual([answer.statusCode, orders.statements.length], [409, 1])
  })

  it('is answered 503 if PostgreSQL does not make the key, and nothing is started', async () => {
    const naturalKeys = async () => {
      throw new pg.DatabaseError('starting up', 11, 'error')
    }
    const { post, started } = await appOf({ orders: { ...ordersThatSay(undefined), naturalKeys } })
    const answer = await post(FROM_CART)
    assert.deepEqual([answer.statusCode, answer.json().service, started.length], [503, 'postgresql', 0])
  })

  it('asks PostgreSQL for nothing while Temporal is away', async () => {
    const orders = revisions()
    const answer = await (await appOf({ orders, temporal: { isUp: false } })).post(FROM_CART)
    assert.deepEqual([answer.statusCode, orders.statements.length], [503, 0])
  })

  it('shares its statement with all that come meanwhile', async () => {
    const orders = revisions()
    const names = new RequestNames(orders)
    const keys = await Promise.all(Array.from({ length: 150 }, (_, i) => names.nameOf({ ...FROM_CART, userId: 1 + (i % 100) })))
    assert.deepEqual(
      orders.statements.map(({ length }) => length),
      [1, 100, 49],
    )
    assert.ok(keys[0]?.startsWith('cart-0-') && keys[1]?.startsWith('cart-1-') && keys[149]?.startsWith('cart-2-'))
  })
})

describe('POST /orders with a key, or with lines,', () => {
  it('keeps the key that was sent, whatever it looks like, and is refused if the cart was edited since', async () => {
    const runs = changing(1)
    const orders = revisions()
    const { post } = await appOf({ runs, orders })
    const key = naturalKeyOf({ fingerprint: fingerprintOf(FROM_CART), revision: 7, spent: 0 })
    const answer = await post(FROM_CART, { 'idempotency-key': key })
    assert.deepEqual([answer.statusCode, answer.json().failure], [409, 'CartChanged'])
    assert.equal(answer.headers['idempotency-key'], key)
    assert.deepEqual([runs.started.length, orders.statements.length], [1, 0])
  })

  it('is a new order each time if it has lines and no key', async () => {
    const orders = revisions()
    const { post, started } = await appOf({ orders })
    for (let i = 0; i < 2; i++) await post({ ...FROM_CART, lines })
    assert.equal(new Set(started.map(({ requestId }) => requestId)).size, 2)
    assert.equal(orders.statements.length, 0)
  })
})

/** A store in which somebody edits the cart after each key. */
function revisions(): AppDeps['orders'] & { statements: (readonly AskedKey[])[] } {
  const statements: (readonly AskedKey[])[] = []
  return {
    ...ordersThatSay(undefined),
    statements,
    async naturalKeys(asked) {
      statements.push(asked)
      return asked.map(({ fingerprint }) => naturalKeyOf({ fingerprint, revision: statements.length - 1, spent: 0 }))
    },
  }
}

/** Runs of which the first ones find that the cart was edited. */
function changing(times: number): AppDeps['runs'] & { started: OrderRequest[] } {
  const started: OrderRequest[] = []
  return {
    ...runsThat({ kind: 'open' }),
    started,
    async start(request) {
      started.push(request)
      return RUN
    },
    outcome: async () => (started.length <= times ? { kind: 'refused', refused: CHANGED } : { kind: 'created', result: RESULT }),
  }
}
