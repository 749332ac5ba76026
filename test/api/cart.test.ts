import assert from 'node:assert/strict'
import { failureOf } from '../../contracts/application-failure.ts'
import { type FailureType, failure } from '../../contracts/failures.ts'
import { appOf, fakeParts, goodsOf, PRICE } from './parts.ts'

/** The item as it is put now. */
function item(goodsId: number, num: number, checked = true) {
  const { name, image } = goodsOf(goodsId)
  return { goodsId, num, checked, name, image, price: PRICE }
}

describe('the cart over HTTP', () => {
  it('is put, listed, read and emptied', async () => {
    const { app } = await appOf()
    const put = (goodsId: number, payload: object) =>
      app.inject({ method: 'PUT', url: `/users/7/cart/items/${goodsId}`, payload })
    assert.deepEqual((await put(3, { num: 2 })).json(), item(3, 2))
    assert.deepEqual((await put(5, { num: 1, checked: false })).json(), item(5, 1, false))
    assert.deepEqual((await app.inject('/users/7/cart/items')).json(), {
      items: [item(3, 2), item(5, 1, false)].map((one) => ({ ...one, priceNow: PRICE })),
      compared: true,
    })
    assert.deepEqual((await app.inject('/users/8/cart/items')).json(), { items: [], compared: true })
    assert.deepEqual((await app.inject('/users/7/cart/items/5')).json(), item(5, 1, false))

    const gone = await app.inject({
      method: 'DELETE',
      url: '/users/7/cart/items/5',
      headers: { 'content-type': 'application/json' },
    })
    assert.deepEqual([gone.statusCode, gone.body], [204, ''])
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await app.inject({ method, url: '/users/7/cart/items/5' })
      assert.deepEqual([answer.statusCode, answer.json().code], [404, 10017])
    }
  })

  it('names each bad field of the path and of the body', async () => {
    const { app } = await appOf()
    const fieldsOf = async (method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE', url: string, payload?: object) => {
      const answer = await app.inject({ method, url, ...(payload && { payload }) })
      assert.equal(answer.statusCode, 400)
      return answer.json().fields.map(({ field }: { field: string }) => field)
    }
    const body = { num: 10_000, checked: 'false', price: 1 }
    assert.deepEqual(await fieldsOf('PUT', '/users/0/cart/items/2147483648', body), ['id', 'goodsId', 'price', 'num', 'checked'])
    assert.deepEqual(await fieldsOf('PUT', '/users/1/cart/items/1', []), [''])
    assert.deepEqual(await fieldsOf('PUT', '/users/1/cart/items/1'), [''])
    assert.deepEqual(await fieldsOf('PUT', '/users/1/cart/items/1', { num: -1 }), ['num'])
    assert.deepEqual(await fieldsOf('PUT', '/users/1/cart/items/1', { num: null, checked: null }), ['num'])
    const nulled = await app.inject({ method: 'PUT', url: '/users/1/cart/items/1', payload: { num: 1, checked: null } })
    assert.deepEqual(nulled.json(), item(1, 1))
    for (const id of ['1.5', '01', '1e3', '-1', 'x', '%00'])
      assert.deepEqual(await fieldsOf('GET', `/users/${id}/cart/items`), ['id'])
    assert.deepEqual(await fieldsOf('DELETE', '/users/1/cart/items/0'), ['goodsId'])
    const addition = { goodsId: 0, num: 10_000, checked: true }
    assert.deepEqual(await fieldsOf('POST', '/users/0/cart/items', addition), ['id', 'checked', 'goodsId', 'num'])
    assert.deepEqual(await fieldsOf('POST', '/users/1/cart/items', { goodsId: 1 }), ['num'])
    assert.deepEqual(await fieldsOf('PATCH', '/users/1/cart/items/0', { num: 0, checked: 1, price: 1 }), [
      ...['goodsId', 'price', 'num', 'checked'],
    ])
    for (const nothing of [{}, { num: null }, { num: null, checked: null }]) {
      assert.deepEqual(await fieldsOf('PATCH', '/users/1/cart/items/1', nothing), [''])
    }
  })

  it('adds up, and changes quantity or check alone', async () => {
    const { app } = await appOf()
    const add = (num: number) => app.inject({ method: 'POST', url: '/users/7/cart/items', payload: { goodsId: 3, num } })
    const change = (payload: object, goodsId = 3) =>
      app.inject({ method: 'PATCH', url: `/users/7/cart/items/${goodsId}`, payload })
    assert.deepEqual((await add(2)).json(), item(3, 2))
    assert.deepEqual((await add(3)).json(), item(3, 5))
    assert.deepEqual((await change({ num: 4 })).json(), item(3, 4))
    assert.deepEqual((await change({ checked: false, num: null })).json(), item(3, 4, false))
    const absent = await change({ num: 1 }, 4)
    assert.deepEqual([absent.statusCode, absent.json().failure], [404, 'CartItemNotFound'])
  })

  it('adds once under a key, and answers its repeats by the item as it is, whatever became of the goods', async () => {
    let isAway = false
    const goods = { batchGetGoods: async (ids: number[]) => (isAway ? Promise.reject(new Error('asked')) : ids.map(goodsOf)) }
    const { app } = await appOf({ goods })
    const add = (num: number, key?: string | string[]) =>
      app.inject({
        method: 'POST',
        url: '/users/7/cart/items',
        payload: { goodsId: 3, num },
        headers: key === undefined ? {} : { 'Idempotency-Key': key },
      })
    assert.deepEqual((await add(2, 'k1')).json(), item(3, 2))
    assert.deepEqual((await add(3, 'k2')).json(), item(3, 5))
    assert.deepEqual((await add(1)).json(), item(3, 6))
    isAway = true
    for (const key of ['k1', '"k1"']) assert.deepEqual((await add(2, key)).json(), item(3, 6))
    const refusals: [number, string, number, string][] = [
      [4, 'k1', 422, 'IdempotencyKeyReused'],
      [2, '', 400, 'InvalidInput'],
      [2, '"k1', 400, 'InvalidInput'],
    ]
    for (const [num, key, status, failure] of refusals) {
      const answer = await add(num, key)
      assert.deepEqual([answer.statusCode, answer.json().failure], [status, failure], key)
    }
    await app.inject({ method: 'DELETE', url: '/users/7/cart/items/3' })
    const gone = await add(2, 'k1')
    assert.deepEqual([gone.statusCode, gone.json().failure], [404, 'CartItemNotFound'])
  })

  it('takes only goods that there are and that are on sale', async () => {
    const goods = {
      batchGetGoods: async (ids: number[]) => ids.filter((id) => id < 5).map((id) => ({ ...goodsOf(id), onSale: id < 4 })),
    }
    const { app } = await appOf({ goods })
    for (const [goodsId, failure] of [
      [4, 'GoodsOffSale'],
      [5, 'GoodsNotFound'],
    ] as const) {
      const put = await app.inject({ method: 'PUT', url: `/users/7/cart/items/${goodsId}`, payload: { num: 1 } })
      const added = await app.inject({ method: 'POST', url: '/users/7/cart/items', payload: { goodsId, num: 1 } })
      for (const answer of [put, added]) {
        assert.deepEqual([answer.json().failure, answer.json().goodsIds], [failure, [goodsId]])
        assert.match(answer.json().detail, new RegExp(`^goods ${goodsId} `))
      }
    }
    assert.deepEqual((await app.inject('/users/7/cart/items')).json().items, [])
  })

  it('names what is gone, off sale, without a price, dearer, cheaper, or priced in another currency since', async () => {
    let now = new Map<number, object>()
    let calls = 0
    const batchGetGoods = async (ids: number[]) => {
      calls++
      return ids.flatMap((id) => (now.has(id) ? { ...goodsOf(id), ...now.get(id) } : [])) as never
    }
    const { app } = await appOf({ goods: { batchGetGoods } })
    now = new Map([1, 2, 3, 4, 5, 6, 7].map((id) => [id, {}]))
    for (const goodsId of now.keys())
      await app.inject({ method: 'PUT', url: `/users/7/cart/items/${goodsId}`, payload: { num: 1 } })
    const dearer = { amount: 1_001, currency: 'CNY' }
    const cheaper = { amount: 999, currency: 'CNY' }
    const euros = { amount: 1_000, currency: 'EUR' }
    now = new Map<number, object>([
      [2, { onSale: false }],
      [3, { price: undefined }],
      ...([dearer, cheaper, euros, PRICE].map((price, i) => [4 + i, { price }]) as [number, object][]),
    ])
    calls = 0
    const { items, compared } = (await app.inject('/users/7/cart/items')).json()
    assert.deepEqual([compared, calls], [true, 1])
    assert.deepEqual(items, [
      { ...item(1, 1), change: 'gone' },
      { ...item(2, 1), change: 'off_sale', priceNow: PRICE },
      { ...item(3, 1), change: 'without_price' },
      { ...item(4, 1), change: 'dearer', priceNow: dearer },
      { ...item(5, 1), change: 'cheaper', priceNow: cheaper },
      { ...item(6, 1), change: 'other_currency', priceNow: euros },
      { ...item(7, 1), priceNow: PRICE },
    ])
  })

  it('while Goods is away: is shown as it was put, says that it was not compared, and takes nothing new', async () => {
    let down: FailureType | undefined
    const batchGetGoods = async (ids: number[]) => {
      if (down) throw failureOf(failure(down, 'goods/BatchGetGoods answered so', { service: 'goods' }))
      return ids.map(goodsOf)
    }
    const { app } = await appOf({ goods: { batchGetGoods } })
    const put = (num: number) => app.inject({ method: 'PUT', url: '/users/7/cart/items/3', payload: { num } })
    const add = (num: number) => app.inject({ method: 'POST', url: '/users/7/cart/items', payload: { goodsId: 3, num } })
    await put(2)
    for (const [type, status] of [
      ['ServiceUnavailable', 503],
      ['ServiceRejected', 502],
    ] as const) {
      down = type
      for (const answer of [await put(5), await add(5)])
        assert.deepEqual([answer.statusCode, answer.json().service], [status, 'goods'])
      assert.deepEqual((await app.inject('/users/7/cart/items')).json(), { items: [item(3, 2)], compared: false })
    }
    const change = await app.inject({ method: 'PATCH', url: '/users/7/cart/items/3', payload: { num: 1 } })
    assert.deepEqual(change.json(), item(3, 1))
  })

  it('says so when the cart is full, and when PostgreSQL is away', async () => {
    const { cart } = fakeParts().parts
    const full = await appOf({ cart: { ...cart, put: async () => ({ kind: 'full' }) } })
    const answer = await full.app.inject({ method: 'PUT', url: '/users/7/cart/items/3', payload: { num: 1 } })
    assert.equal(answer.statusCode, 400)
    assert.match(answer.json().fields[0].problem, /1000 distinct goods/)

    const much = await appOf({ cart: { ...cart, add: async () => ({ kind: 'tooMany', there: 9_990 }) } })
    const added = await much.app.inject({ method: 'POST', url: '/users/7/cart/items', payload: { goodsId: 3, num: 10 } })
    assert.equal(added.statusCode, 400)
    const problem = 'must be at most 9: 9990 pieces are in the cart, of at most 9999'
    assert.deepEqual(added.json().fields, [{ field: 'num', problem }])

    const away = await appOf({ cart: { ...cart, list: () => Promise.reject(new Error('connect ECONNREFUSED')) } })
    assert.equal((await away.app.inject('/users/7/cart/items')).statusCode, 503)
  })
})
