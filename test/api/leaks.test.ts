import assert from 'node:assert/strict'
import { problemOf } from '../../api/problems.ts'
import { type Failure, failure } from '../../contracts/failures.ts'
import { appOf, CONFIRMED, fakeParts, ORDER_SN, ordersThatSay, PRICE, RESULT, row, runsThat } from './parts.ts'

const SECRET = 'nobody is to read this'
/** A value with a member that its schema has not, at every depth. */
function withSecrets<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withSecrets) as T
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, withSecrets(member)])
  return { ...Object.fromEntries(members), address: SECRET, fingerprint: { of: SECRET } }
}

describe('what an answer has not in its schema', () => {
  it('does not leave: of an order that is placed', async () => {
    const { post } = await appOf({ runs: runsThat({ kind: 'created', result: withSecrets(RESULT) }) })
    const answer = await post()
    assert.equal(answer.statusCode, 201)
    assert.deepEqual(answer.json(), RESULT)
  })

  it('does not leave: of an order that is looked at', async () => {
    const stored = withSecrets(row({ ...CONFIRMED, inDoubt: [{ goodsId: 3, num: 2 }], stockState: 'in_doubt' }))
    const progress = async () => withSecrets({ step: 'sell' as const, undone: [] })
    const { app } = await appOf({ orders: ordersThatSay(stored), runs: { ...runsThat({ kind: 'open' }), progress } })
    const answer = await app.inject(`/orders/${CONFIRMED.orderSn}`)
    assert.equal(answer.statusCode, 200)
    assert.doesNotMatch(answer.body, /nobody/)
    assert.deepEqual(answer.json().lines, RESULT.lines)
  })

  it('does not leave: of a cart', async () => {
    const item = withSecrets({ id: 1, goodsId: 1, num: 2, checked: true })
    const { cart } = fakeParts().parts
    const put = async () => ({ kind: 'inCart' as const, item })
    const { app } = await appOf({ cart: { ...cart, list: async () => [item], get: async () => item, put } })
    const bare = { goodsId: 1, num: 2, checked: true }
    assert.deepEqual((await app.inject('/users/1/cart/items')).json(), {
      items: [{ ...bare, priceNow: PRICE }],
      compared: true,
    })
    assert.deepEqual((await app.inject('/users/1/cart/items/1')).json(), bare)
  })

  it('does not leave: of a refusal, be it written by a route or by none', async () => {
    const refused: Failure = { ...failure('InsufficientStock', 'short', { goodsIds: [3], service: 'inventory' }) }
    refused.details = { ...withSecrets(refused.details), left: [withSecrets({ goodsId: 3, left: 1 })] }
    const { post } = await appOf({ runs: runsThat({ kind: 'refused', refused }) })
    const answer = await post()
    assert.equal(answer.statusCode, 422)
    for (const problem of [answer.json(), problemOf(refused)]) {
      const { type: _, title, status, detail, code, failure, ...details } = problem
      assert.deepEqual([title, status, failure], ['Not enough stock', 422, 'InsufficientStock'])
      assert.deepEqual(details, { goodsIds: [3], service: 'inventory' })
    }
    // @ts-expect-error Nor can a failure be given it.
    assert.ok(failure('InsufficientStock', 'short', { address: SECRET }))
  })
})

describe('a detail that is not what its schema says', () => {
  it('does not stand in the way of the refusal', async () => {
    for (const goodsIds of ['3', [3.5], ['x'], null, {}]) {
      const refused = { ...failure('GoodsNotFound', 'gone'), details: { goodsIds, left: 7, orderSn: 'x' } } as unknown as Failure
      const { post } = await appOf({ runs: runsThat({ kind: 'refused', refused }) })
      const answer = await post()
      assert.deepEqual([answer.statusCode, answer.json().failure], [404, 'GoodsNotFound'], JSON.stringify(goodsIds))
    }
  })
})

describe('what a run says of itself', () => {
  it('is left out if it is not what its schema says: another workflow may have the name', async () => {
    for (const progress of [{ step: {}, undone: [] }, { step: 'sell', undone: 'x' }, 'sell', [], { failure: 7 }]) {
      const runs = { ...runsThat({ kind: 'open' }), progress: async () => progress as never }
      const { app } = await appOf({ orders: ordersThatSay(row()), runs })
      const answer = await app.inject(`/orders/${CONFIRMED.orderSn}`)
      assert.equal(answer.statusCode, 200, JSON.stringify(progress))
      assert.deepEqual(answer.json().saga, { workflowId: `create-order/${ORDER_SN}` })
    }
  })
})
