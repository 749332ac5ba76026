import assert from 'node:assert/strict'
import { appOf, fakeParts } from './parts.ts'

describe('the cart over HTTP', () => {
  it('is put, listed, read and emptied', async () => {
    const { app } = await appOf()
    const put = (goodsId: number, payload: object) =>
      app.inject({ method: 'PUT', url: `/users/7/cart/items/${goodsId}`, payload })
    assert.deepEqual((await put(3, { num: 2 })).json(), { goodsId: 3, num: 2, checked: true })
    assert.deepEqual((await put(5, { num: 1, checked: false })).json(), { goodsId: 5, num: 1, checked: false })
    assert.deepEqual((await app.inject('/users/7/cart/items')).json(), {
      items: [
        { goodsId: 3, num: 2, checked: true },
        { goodsId: 5, num: 1, checked: false },
      ],
    })
    assert.deepEqual((await app.inject('/users/8/cart/items')).json(), { items: [] })
    assert.deepEqual((await app.inject('/users/7/cart/items/5')).json(), { goodsId: 5, num: 1, checked: false })

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
    const fieldsOf = async (method: 'GET' | 'PUT' | 'DELETE', url: string, payload?: object) => {
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
    assert.deepEqual(nulled.json(), { goodsId: 1, num: 1, checked: true })
    for (const id of ['1.5', '01', '1e3', '-1', 'x', '%00'])
      assert.deepEqual(await fieldsOf('GET', `/users/${id}/cart/items`), ['id'])
    assert.deepEqual(await fieldsOf('DELETE', '/users/1/cart/items/0'), ['goodsId'])
  })

  it('says so when the cart is full, and when PostgreSQL is away', async () => {
    const { cart } = fakeParts().parts
    const full = await appOf({ cart: { ...cart, put: async () => 'full' } })
    const answer = await full.app.inject({ method: 'PUT', url: '/users/7/cart/items/3', payload: { num: 1 } })
    assert.equal(answer.statusCode, 400)
    assert.match(answer.json().fields[0].problem, /1000 distinct goods/)

    const away = await appOf({ cart: { ...cart, list: () => Promise.reject(new Error('connect ECONNREFUSED')) } })
    assert.equal((await away.app.inject('/users/7/cart/items')).statusCode, 503)
  })
})
