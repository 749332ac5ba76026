import assert from 'node:assert/strict'
import type { FastifyInstance, InjectOptions } from 'fastify'
import { Registry } from 'prom-client'
import { createApp } from '../../api/app.ts'
import { failureOf } from '../../contracts/application-failure.ts'
import { failure } from '../../contracts/failures.ts'
import type { Authenticate } from '../../identity/authenticate.ts'
import { CallerLimits } from '../../limits/caller-limits.ts'
import { TrustedProxies } from '../../limits/trusted-proxies.ts'
import { countBy } from '../support/count-by.ts'
import { appOf, fakeParts, ORDER_SN, REQUEST } from './parts.ts'

/** Requests of one caller that are let through: the clock of these limits stands still. */
const LIMIT = 5

const LIMITS = {
  ...{ perSecond: LIMIT, servicePerSecond: LIMIT, proxies: new TrustedProxies([]), behindGateway: false },
  ...{ heldMs: 0, now: () => 5 },
}

async function limitedApp(changes: Partial<typeof LIMITS> = {}) {
  const registry = new Registry()
  return await appOf({ registry, limits: new CallerLimits({ ...LIMITS, registry, ...changes }) })
}

/** One request of each kind that a stranger can send, those that nobody serves included. */
const VERBS: Record<string, InjectOptions> = {
  'an order': { method: 'POST', url: '/orders', payload: REQUEST },
  'a look at an order': { method: 'GET', url: `/orders/${ORDER_SN}` },
  'a cancellation': { method: 'POST', url: `/orders/${ORDER_SN}/cancel`, payload: {} },
  'a list of orders': { method: 'GET', url: '/orders?userId=7' },
  'a cart': { method: 'GET', url: '/users/7/cart/items' },
  'an item for a cart': { method: 'PUT', url: '/users/7/cart/items/3', payload: { num: 1 } },
  events: { method: 'GET', url: '/events' },
  'a body that is not JSON': { method: 'POST', url: '/orders', payload: '{', headers: { 'content-type': 'application/json' } },
  'a path that is not there': { method: 'GET', url: '/nothing' },
  'a method that is not served': { method: 'DELETE', url: '/orders' },
  'a question for methods': { method: 'OPTIONS', url: '/orders' },
  documentation: { method: 'GET', url: '/openapi.json' },
}

describe('a caller that floods the starter over HTTP', () => {
  for (const [what, asked] of Object.entries(VERBS)) {
    it(`with ${what} is answered 429 with Retry-After, and everybody else is served`, async () => {
      const { app, started } = await limitedApp()
      const flood = await Promise.all(Array.from({ length: 50 }, () => app.inject({ ...asked, remoteAddress: '203.0.113.7' })))
      const refused = flood.filter(({ statusCode }) => statusCode === 429)
      assert.equal(refused.length, 50 - LIMIT)
      for (const answer of refused) {
        assert.equal(answer.headers['retry-after'], '2')
        assert.deepEqual([answer.json().failure, answer.json().code], ['TooManyRequests', 10041])
        assert.match(answer.headers['content-type'] as string, /^application\/problem\+json/)
      }
      assert.ok(started.length <= LIMIT, 'a refused request starts nothing')

      const others = await Promise.all(
        Object.values(VERBS).map((asked, i) => app.inject({ ...asked, remoteAddress: `198.51.100.${i}` })),
      )
      assert.deepEqual(
        others.filter(({ statusCode }) => statusCode === 429 || statusCode >= 500),
        [],
      )
    })
  }

  it('has no other limit for each name that it gives itself', async () => {
    const { app } = await limitedApp()
    const names = (i: number) => ({
      ...{ 'x-forwarded-for': `198.51.100.${i}`, forwarded: `for=198.51.100.${i}`, 'x-real-ip': `198.51.100.${i}` },
      ...{ authorization: `Bearer ${i}`, 'user-agent': `${i}`, cookie: `id=${i}`, 'idempotency-key': `${i}` },
    })
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        app.inject({ url: '/orders?userId=7', remoteAddress: '203.0.113.7', headers: names(i) }),
      ),
    )
    assert.equal(answers.filter(({ statusCode }) => statusCode === 200).length, LIMIT)
  })

  it('is known by the address that a trusted proxy names', async () => {
    const { app } = await limitedApp({ proxies: new TrustedProxies(['10.0.0.1']) })
    const ask = (from: string) =>
      app.inject({ url: '/orders?userId=7', remoteAddress: '10.0.0.1', headers: { 'x-forwarded-for': `9.9.9.9, ${from}` } })
    const flood = await Promise.all(Array.from({ length: 50 }, () => ask('203.0.113.7')))
    assert.equal(flood.filter(({ statusCode }) => statusCode === 200).length, LIMIT)
    assert.equal((await ask('203.0.113.8')).statusCode, 200)
  })

  it('does not make a balancer at the same address call the starter dead', async () => {
    const { app } = await limitedApp()
    await Promise.all(Array.from({ length: 50 }, () => app.inject('/orders?userId=7')))
    assert.equal((await app.inject('/readyz')).statusCode, 200)
    assert.equal((await app.inject('/orders?userId=7')).statusCode, 429)
  })

  it('is not logged', async () => {
    const { app, logged } = await limitedApp()
    await Promise.all(Array.from({ length: 50 }, () => app.inject('/orders?userId=7')))
    assert.deepEqual(logged, [])
  })
})

describe('the OpenAPI document', () => {
  it('has 429 with Retry-After for every operation', async () => {
    const { app } = await appOf()
    const { paths } = (await app.inject('/openapi.json')).json() as { paths: Record<string, Record<string, object>> }
    for (const [path, item] of Object.entries(paths)) {
      for (const [method, { responses }] of Object.entries(item) as [
        string,
        { responses: Record<string, { headers?: object }> },
      ][]) {
        assert.ok(responses['429']?.headers && 'Retry-After' in responses['429'].headers, `${method} ${path}`)
      }
    }
  })
})

describe('callers that are known', () => {
  const authenticate: Authenticate = ({ authorization: [name] }) => {
    if (name === undefined) throw failureOf(failure('Unauthenticated', 'no token'))
    return { kind: 'customer', subject: name, userId: 7 }
  }
  const ask = (app: FastifyInstance, remoteAddress: string, authorization?: string) =>
    app.inject({ url: '/orders?userId=7', remoteAddress, headers: { ...(authorization && { authorization }) } })

  const statuses = async (asked: ReturnType<typeof ask>[]) =>
    countBy((await Promise.all(asked)).map(({ statusCode }) => `${statusCode}`))

  it('are held wherever they call from, and not for others at their address, though these send no token that counts', async () => {
    const limits = new CallerLimits({ ...LIMITS, registry: new Registry() })
    const { app } = await createApp(fakeParts({ authenticate, limits }).parts)
    const flood = Array.from({ length: 50 }, (_, i) => ask(app, `203.0.113.${i}`, 'ada'))
    assert.deepEqual(await statuses(flood), { 429: 50 - LIMIT, 200: LIMIT })
    const strangers = Array.from({ length: 50 }, () => ask(app, '203.0.113.9'))
    assert.deepEqual(await statuses(strangers), { 429: 50 - LIMIT, 401: LIMIT })
    assert.equal((await ask(app, '203.0.113.9', 'eve')).statusCode, 200)
  })
})
