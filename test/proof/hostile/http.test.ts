import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { FAILURES, type FailureType } from '../../../contracts/failures.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { call, cartOf, freshUser, orderOf, putIntoCart } from '../../e2e/shop.ts'
import { StockEquation } from '../../e2e/stock.ts'
import { type TestStack, testStack } from '../../support/stack.ts'
import { BAD_ADDITIONS, BAD_CART_ITEMS, BAD_ITEM_CHANGES, badOrders, ODD_TEXTS } from './hostile-json.ts'
import { type RawAnswer, rawRequest, sendRaw } from './send-raw.ts'

const GOODS_ID = 46
const LINES = [{ goodsId: GOODS_ID, num: 1 }]
/** The same every time; others by hand. */
const SEED = Number(process.env.SEED ?? 20_240_601)
const AS_JSON = 'Content-Type: application/json'

describe('whatever is sent over HTTP', () => {
  let stack: TestStack
  let equation: StockEquation
  let good: ReturnType<typeof orderOf> & { post: string; requestId: string }

  before(async () => {
    stack = await testStack()
    equation = await StockEquation.of(stack, [GOODS_ID])
    good = { ...orderOf(freshUser(), LINES), post: 'Ring twice', requestId: 'key' }
  })

  /** Nobody ordered anything: not one piece moved, and every run has ended. */
  afterEach(() => equation.assertHolds())

  const post = (body: string | Buffer, headers: string[] = [AS_JSON]) =>
    sendRaw(stack.httpUrl, rawRequest('POST', '/orders', { headers, body }))

  async function ordersOf(userId: number) {
    return await stack.db.selectFrom('orders').selectAll().where('user_id', '=', userId).execute()
  }

  it('an order with one bad field, and one that is unknown or missing, is refused with InvalidInput', async () => {
    for (const [why, order] of badOrders(good)) assertRefused(await post(order), why, 'InvalidInput')
    assert.deepEqual(await ordersOf(good.userId), [])
  })

  it('a body that is no order, or no JSON, or no UTF-8, is refused', async () => {
    const json = JSON.stringify(good)
    const bodies: Record<string, string | Buffer> = {
      'nothing at all': '',
      'half of it': json.slice(0, json.length / 2),
      'twice the same': json + json,
      'a comma too many': `${json.slice(0, -1)},}`,
      'NaN for a number': json.replace(/"userId":\d+/, '"userId":NaN'),
      'a number of octal digits': json.replace(/"userId":/, '"userId":0'),
      'invalid UTF-8': Buffer.from([0xff, 0xfe, 0x7b]),
      'invalid UTF-8 in a text': Buffer.from(json.replace('Wharf', 'Wh\u00e4rf'), 'latin1'),
      'a surrogate in UTF-8': Buffer.from(json).fill(
        Buffer.from([0xed, 0xa0, 0x80]),
        json.indexOf('Lantern'),
        json.indexOf('Lantern') + 3,
      ),
      'UTF-16': Buffer.from(json, 'utf16le'),
      'lists 100,000 deep': '['.repeat(100_000) + ']'.repeat(100_000),
      'lists 100,000 deep in a field': `{"userId":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'a prototype': `{"__proto__":${json}}`,
      "a constructor's prototype": `{"constructor":{"prototype":${json}}}`,
      '20,000 unknown fields': `{${Array.from({ length: 20_000 }, (_, i) => `"f${i}":1`)}}`,
    }
    for (const [why, body] of Object.entries(bodies)) assertRefused(await post(body), why, 'InvalidInput')
    const large = ['POST /orders HTTP/1.1', 'Host: localhost', 'Connection: close', AS_JSON, 'Content-Length: 300000'].join(
      '\r\n',
    )
    assertRefused(await sendRaw(stack.httpUrl, `${large}\r\n\r\n{`), 'a body too large', 'BodyTooLarge')
    for (const type of ['text/plain', 'application/xml', 'multipart/form-data', 'application/x-www-form-urlencoded', 'a']) {
      assertRefused(await post(json, [`Content-Type: ${type}`]), type, 'UnsupportedMediaType')
    }
    assert.deepEqual(await ordersOf(good.userId), [])
  })

  it('JSON that nobody thought of is refused', async () => {
    const bodies = fc.oneof(
      fc.json(),
      fc.string({ unit: 'binary' }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    )
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => assertRefused(await post(body), String(body), 'InvalidInput')),
      { seed: SEED, numRuns: 150, endOnFailure: true },
    )
  })

  it('a key that is no key is refused', async () => {
    const { requestId: _, ...body } = good
    const keys = ['', '\u00e9', 'a\tb', 'k'.repeat(129), '\u0080', `${'k'.repeat(8_000)}`, '"a', '"  "', '"a"b"']
    for (const key of keys) {
      const answer = await post(JSON.stringify(body), [AS_JSON, `Idempotency-Key: ${key}`])
      assertRefused(answer, JSON.stringify(key), 'InvalidInput')
    }
    const two = await post(JSON.stringify(body), [AS_JSON, 'Idempotency-Key: a', 'idempotency-key: a'])
    assertRefused(two, 'two keys', 'InvalidInput')
  })

  it('a cart takes no item that is none', async () => {
    const userId = freshUser()
    const items = `/users/${userId}/cart/items`
    for (const [method, path, bodies] of [
      ['PUT', `${items}/1`, BAD_CART_ITEMS],
      ['POST', items, BAD_ADDITIONS],
      ['PATCH', `${items}/1`, BAD_ITEM_CHANGES],
    ] as const) {
      for (const body of bodies) {
        const sent = rawRequest(method, path, { headers: [AS_JSON], body })
        assertRefused(await sendRaw(stack.httpUrl, sent), `${method} ${body}`, 'InvalidInput')
      }
    }
    for (const id of [
      '0',
      '-1',
      '1.0',
      '01',
      '1e3',
      '2147483648',
      '99999999999',
      '%31%00',
      "1'--",
      '__proto__',
      '%E2%91%A0',
      '%20',
    ]) {
      const byUser = await sendRaw(stack.httpUrl, rawRequest('GET', `/users/${id}/cart/items`))
      assertRefused(byUser, id, 'InvalidInput')
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
        const sent = rawRequest(method, `/users/${userId}/cart/items/${id}`, { headers: [AS_JSON], body: '{"num":1}' })
        assertRefused(await sendRaw(stack.httpUrl, sent), `${method} ${id}`, 'InvalidInput')
      }
    }
    assert.deepEqual(await cartOf(stack.httpUrl, userId), [])
  })

  it('a path that leads nowhere is answered from the table', async () => {
    const paths = [
      ...['/orders/x', '/orders/%00', '/orders/AAAAAAAAAAAAAAA%41%41', `/orders/${'A'.repeat(5_000)}`, '/orders/__proto__'],
      ...['/orders/%', '/orders/%ff', '/%c0%ae%c0%ae/', '//', '/orders//', '/users/1/cart', '/.env', '/orders/../../etc/passwd'],
      ...['/docs/static/..%2f..%2f..%2fpackage.json', "/orders/' OR 1=1--".replaceAll(' ', '%20')],
    ]
    for (const path of paths) {
      assertRefused(await sendRaw(stack.httpUrl, rawRequest('GET', path)), path, 'RouteNotFound', 'OrderNotFound')
    }
    const query = rawRequest('GET', '/orders?__proto__[x]=1')
    assertRefused(await sendRaw(stack.httpUrl, query), 'GET /orders', 'InvalidInput')
    for (const method of ['PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'PURGE']) {
      assertRefused(await sendRaw(stack.httpUrl, rawRequest(method, '/orders')), method, 'MethodNotAllowed')
    }
  })

  it('bytes that are no HTTP are refused in the same form', async () => {
    const json = JSON.stringify(good)
    const head = ['POST /orders HTTP/1.1', 'Host: localhost', AS_JSON].join('\r\n')
    const sent: Record<string, string> = {
      'no request line': '\r\n\r\nhello\r\n\r\n',
      'the beginning of TLS': '\x16\x03\x01\x02\x00\x01\x00',
      'an unknown method': rawRequest('BREW', '/orders').toString(),
      'another version': 'GET /healthz HTTP/9.9\r\nHost: localhost\r\n\r\n',
      'a space in the path': 'GET /orders/a b HTTP/1.1\r\nHost: localhost\r\n\r\n',
      'NUL in a header': `${head}\r\nX-A: a\0b\r\n\r\n`,
      'a negative length': `${head}\r\nContent-Length: -1\r\n\r\n${json}`,
      'two lengths': `${head}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n${json}`,
      'a length and chunks': `${head}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'headers of 20 KB': `${head}\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`,
    }
    for (const [why, bytes] of Object.entries(sent)) assertRefused(await sendRaw(stack.httpUrl, bytes), why, 'InvalidInput')
  })

  it('texts that only look dangerous are kept as they are', async () => {
    const userId = freshUser()
    const texts = ODD_TEXTS.map((text) => ({ address: text, name: text, mobile: text.slice(0, 32), post: text }))
    for (const text of texts) {
      const answer = await call(`${stack.httpUrl}/orders`, { method: 'POST', body: { userId, lines: LINES, ...text } })
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
    }
    const rows = await ordersOf(userId)
    const kept = rows.map(({ address, name, mobile, post }) => ({ address, name, mobile, post }))
    assert.deepEqual(new Set(kept.map((row) => JSON.stringify(row))), new Set(texts.map((text) => JSON.stringify(text))))
  })

  it("another user's key and cart are out of reach: the key names an order of one's own, and their cart stays", async () => {
    const [owner, other] = [freshUser(), freshUser()]
    const key = randomUUID()
    await putIntoCart(stack.httpUrl, owner, LINES)
    const cart = await cartOf(stack.httpUrl, owner)
    const place = (userId: number, lines?: typeof LINES) =>
      call(`${stack.httpUrl}/orders`, { method: 'POST', key, body: orderOf(userId, lines) })

    const [mine, theirs] = [await place(owner, LINES), await place(other, LINES)]
    assert.equal(mine.body.orderSn, orderSnOf({ userId: owner, requestId: key }))
    assert.equal(theirs.body.orderSn, orderSnOf({ userId: other, requestId: key }))
    const empty = await call(`${stack.httpUrl}/orders`, { method: 'POST', body: orderOf(other) })
    assert.equal(empty.body.failure, 'EmptyCart')
    assert.deepEqual(await cartOf(stack.httpUrl, owner), cart)
  })
})

/** Asserts that an answer is a row of the failure table, as a problem document, and one of these failures. */
function assertRefused({ status, contentType, body }: RawAnswer, why: string, ...expected: FailureType[]): void {
  assert.match(contentType, /^application\/problem\+json/, `${why}: ${status} ${body.slice(0, 300)}`)
  const problem = JSON.parse(body) as { failure: FailureType; code: number; status: number }
  assert.ok(expected.includes(problem.failure), `${why}: ${status} ${body.slice(0, 300)}`)
  const { code, http } = FAILURES[problem.failure]
  assert.deepEqual([status, problem.status, problem.code], [http, http, code], why)
  assert.ok(body.length < 8_000, `${why}: the answer repeats what was sent`)
}
