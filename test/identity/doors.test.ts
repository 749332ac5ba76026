import assert from 'node:assert/strict'
import type { LightMyRequestResponse } from 'fastify'
import type { Caller } from '../../contracts/caller.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { unauthenticated } from '../../identity/bearer.ts'
import { appOf, CLOSED, CONFIRMED, fakeParts, ordersThatSay, REQUEST } from '../api/parts.ts'

/** Callers by the token that they send. */
const CALLERS: Record<string, Caller> = {
  owner: { kind: 'customer', subject: '7', userId: 7 },
  stranger: { kind: 'customer', subject: '8', userId: 8 },
  shop: { kind: 'service', subject: 'shop', scopes: new Set(['orders:any']) },
  support: { kind: 'service', subject: 'support', scopes: new Set(['orders:support']) },
  operator: { kind: 'service', subject: 'operator', scopes: new Set(['orders:operate']) },
}
const ROLES = ['nobody', ...Object.keys(CALLERS)] as const

const authenticate = ({ authorization: [header = ''] }: { authorization: readonly string[] }) => {
  const caller = CALLERS[header.replace('Bearer ', '')]
  if (!caller) throw unauthenticated('no token was sent')
  return caller
}

/** Each request is about user 7 and an order of theirs. The answers to: nobody, its owner, a stranger, a shop, support, an operator. */
const PATH = `/orders/${CONFIRMED.orderSn}`
const CART = '/users/7/cart/items'
const ITEM = `${CART}/3`
const payment = { provider: 'pay', paymentId: 'p1', amount: { amount: 2_000, currency: 'CNY' }, paidAt: '2030-01-01T00:10:00Z' }
const SLIP = {
  ...{ id: 1, orderSn: CONFIRMED.orderSn, knownAs: CONFIRMED.orderSn, userId: 7, status: 'PAYING' as const, isDeleted: false },
  ...{ address: 'Harbour Road 1', name: 'Ada', mobile: '1', post: '' },
}
const RECORDED = { ...payment, receivedAt: payment.paidAt, outcome: 'accepted', refund: 'none', orderSn: CONFIRMED.orderSn }
const TABLE: [method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body: object | undefined, answers: number[]][] = [
  ['POST', '/orders', REQUEST, [401, 201, 403, 201, 403, 403]],
  ['GET', PATH, undefined, [401, 200, 404, 200, 403, 403]],
  ['GET', '/orders?userId=7', undefined, [401, 200, 403, 200, 403, 403]],
  ['GET', `${PATH}/recipient`, undefined, [401, 403, 403, 403, 200, 403]],
  ['POST', `${PATH}/cancel`, {}, [401, 200, 404, 200, 403, 403]],
  ['POST', `${PATH}/finish`, undefined, [401, 200, 404, 200, 403, 403]],
  ['DELETE', PATH, undefined, [401, 204, 404, 204, 403, 403]],
  ['POST', `${PATH}/payments`, payment, [401, 403, 403, 201, 403, 403]],
  ['GET', CART, undefined, [401, 200, 403, 200, 403, 403]],
  ['POST', CART, { goodsId: 3, num: 1 }, [401, 200, 403, 200, 403, 403]],
  ['PUT', ITEM, { num: 1 }, [401, 200, 403, 200, 403, 403]],
  ['GET', ITEM, undefined, [401, 200, 403, 200, 403, 403]],
  ['PATCH', ITEM, { num: 2 }, [401, 200, 403, 200, 403, 403]],
  ['DELETE', ITEM, undefined, [401, 204, 403, 204, 403, 403]],
  ['GET', '/events', undefined, [401, 403, 403, 200, 403, 403]],
  ['GET', '/healthz', undefined, [200, 200, 200, 200, 200, 200]],
  ['GET', '/readyz', undefined, [200, 200, 200, 200, 200, 200]],
  ['GET', '/metrics', undefined, [200, 200, 200, 200, 200, 200]],
  ['GET', '/openapi.json', undefined, [200, 200, 200, 200, 200, 200]],
  ['GET', '/docs/problems', undefined, [200, 200, 200, 200, 200, 200]],
]

describe('the front door over HTTP, by role, route and whose', () => {
  const moved = { kind: 'moved' as const, order: CONFIRMED }
  const shop = async (changes: Parameters<typeof appOf>[0] = {}) => {
    const { life } = fakeParts().parts
    return await appOf({
      authenticate,
      orders: ordersThatSay(CONFIRMED),
      slips: { orderSlip: async () => SLIP },
      life: {
        ...life,
        recordPayment: async () => ({ kind: 'recorded', isNew: true, payment: RECORDED }) as never,
        closeOrder: async () => moved,
        finishOrder: async () => moved,
        deleteOrder: async () => moved,
      },
      ...changes,
    })
  }
  const as = (role: string) => (role === 'nobody' ? {} : { authorization: `Bearer ${role}` })

  it('answers as the table says', async () => {
    const { app } = await shop()
    const put = await app.inject({ method: 'PUT', url: ITEM, payload: { num: 1 }, headers: as('owner') })
    assert.equal(put.statusCode, 200)
    for (const [method, url, body, answers] of TABLE) {
      const found: number[] = []
      for (const role of ROLES) {
        const answer: LightMyRequestResponse = await app.inject({
          ...{ method, url },
          ...(body && { payload: body }),
          headers: { ...as(role), 'idempotency-key': 'key-1' },
        })
        found.push(answer.statusCode)
        if (url === ITEM && method === 'DELETE')
          await app.inject({ method: 'PUT', url, payload: { num: 1 }, headers: as('owner') })
        // In no cache, and in no frame.
        assert.equal(answer.headers['cache-control'] === 'no-store', /^\/(orders|users|events)/.test(url), url)
        assert.match(String(answer.headers['content-security-policy']), /frame-ancestors 'none'/)
        assert.equal(answer.headers['x-content-type-options'], 'nosniff')
        if (answer.statusCode === 401) assert.equal(answer.headers['www-authenticate'], 'Bearer')
      }
      assert.deepEqual(found, answers, `${method} ${url}`)
    }
  })

  it('has a row in that table for each route there is', async () => {
    const { app } = await shop()
    const { paths } = (await app.inject('/openapi.json')).json() as { paths: Record<string, object> }
    const rows = TABLE.map(([method, url]) => `${method} ${url.split('?')[0]}`)
    const routes = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => {
        const url = path.replace('{orderSn}', CONFIRMED.orderSn).replace('{id}', '7').replace('{goodsId}', '3')
        return `${method.toUpperCase()} ${url}`
      }),
    )
    for (const route of routes) assert.ok(rows.includes(route), route)
  })

  it('does nothing for whoever is refused', async () => {
    let touched = 0
    const count = async () => {
      touched++
      throw new Error('touched')
    }
    const { app, started } = await shop({
      life: { recordPayment: count, beginPayment: count, closeOrder: count, finishOrder: count, deleteOrder: count },
      runs: { ...fakeParts().parts.runs, progress: count },
    })
    for (const role of ['nobody', 'stranger', 'support', 'operator']) {
      for (const [method, url, body] of TABLE.slice(0, 15)) {
        await app.inject({ ...{ method, url }, ...(body && { payload: body }), headers: as(role) })
      }
    }
    assert.deepEqual([touched, started.length], [0, 0])
    const cart = await app.inject({ url: CART, headers: as('owner') })
    assert.deepEqual(cart.json().items, [])
  })

  it('says of an order of somebody else what it says of one that there is not', async () => {
    const { app } = await shop()
    const none = await (await shop({ orders: ordersThatSay(undefined) })).app.inject({ url: PATH, headers: as('owner') })
    const others = await app.inject({ url: PATH, headers: as('stranger') })
    assert.deepEqual(others.json(), none.json())
  })

  it('never leads a customer to an order of somebody else by its key, whatever they send', async () => {
    // The number follows from user and key: with a key that is known, only the user id keeps it apart.
    const { app } = await shop({ orders: ordersThatSay(CLOSED) })
    const headers = { ...as('stranger'), 'idempotency-key': REQUEST.requestId }
    const asVictim = await app.inject({ method: 'POST', url: '/orders', payload: REQUEST, headers })
    assert.equal(asVictim.statusCode, 403)
    assert.doesNotMatch(asVictim.body, new RegExp(CLOSED.orderSn))
    assert.notEqual(orderSnOf({ ...REQUEST, userId: 8 }), orderSnOf(REQUEST))
  })
})
