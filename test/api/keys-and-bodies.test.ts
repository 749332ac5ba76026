import assert from 'node:assert/strict'
import { rawRequest, sendRaw } from '../proof/hostile/send-raw.ts'
import { appOf, REQUEST } from './parts.ts'

const { requestId: _key, ...withoutKey } = REQUEST

describe('POST /orders, as callers write it,', () => {
  it('takes the key in quotes too, as the draft of Idempotency-Key writes it: it is the same key', async () => {
    for (const [header, key] of [
      ['"key-1"', 'key-1'],
      ['"a \\"b\\" \\\\ c"', 'a "b" \\ c'],
      ['a"b', 'a"b'],
      [`"${'k'.repeat(128)}"`, 'k'.repeat(128)],
    ] as const) {
      const { post, started } = await appOf()
      const answer = await post(withoutKey, { 'idempotency-key': header })
      assert.deepEqual([answer.statusCode, answer.headers['idempotency-key']], [201, key])
      assert.deepEqual(started, [{ ...REQUEST, requestId: key }])
      assert.equal((await post({ ...withoutKey, requestId: key }, { 'idempotency-key': header })).statusCode, 201)
    }
    for (const header of ['"', '""', '"a', '"a"b', '"a\\b"', '"a";p=1', '"  "', `"${'k'.repeat(129)}"`, '"a"b"']) {
      const { post, started } = await appOf()
      const answer = await post(withoutKey, { 'idempotency-key': header })
      assert.deepEqual([answer.statusCode, answer.json().fields?.[0].field], [400, 'Idempotency-Key'], header)
      assert.equal(started.length, 0)
    }
  })

  it('refuses two keys, and a body that says anything twice', async () => {
    const { app, started } = await appOf()
    const { port } = new URL(await app.listen({ port: 0, host: '127.0.0.1' }))
    try {
      const answer = await sendRaw(
        `http://127.0.0.1:${port}`,
        rawRequest('POST', '/orders', {
          headers: ['Content-Type: application/json', 'Idempotency-Key: k1', 'idempotency-key: k2'],
          body: JSON.stringify(withoutKey),
        }),
      )
      assert.equal(answer.status, 400)
      assert.match(answer.body, /"field":"Idempotency-Key","problem":"must be sent once, not 2 times"/)
    } finally {
      await app.close()
    }
    const { post } = await appOf()
    const json = JSON.stringify(REQUEST)
    for (const [body, field] of [
      [json.replace('{"userId"', '{"userId":8,"userId"'), 'userId'],
      [json.replace('"num":2', '"num":2,"n\\u0075m":2'), 'lines[0].num'],
    ]) {
      const twice = await post(body, { 'content-type': 'application/json' })
      assert.deepEqual([twice.statusCode, twice.json().fields], [400, [{ field, problem: 'is there twice: once is enough' }]])
    }
    assert.equal(started.length, 0)
  })

  it('takes null for what is optional as if it were not there', async () => {
    const { post, started } = await appOf()
    await post({ ...withoutKey, post: null, requestId: null, lines: null }, { 'idempotency-key': 'key-1' })
    const { lines: _, ...fromCart } = REQUEST
    assert.deepEqual(started, [fromCart])
  })

  it('takes a number however JSON writes it, and no text for one', async () => {
    const { post, started } = await appOf()
    const type = { 'content-type': 'application/json' }
    const json = JSON.stringify({ ...REQUEST, lines: [{ goodsId: 100, num: 1 }] })
    for (const [written, num] of [
      ['1.0', 1],
      ['1e2', 100],
      ['10E-1', 1],
    ] as const) {
      await post(json.replace('"num":1', `"num":${written}`), type)
      assert.deepEqual(started.pop(), { ...REQUEST, lines: [{ goodsId: 100, num }] })
    }
    for (const written of ['"1"', '1.5', '1e-1', '1e999', '-0', 'true']) {
      const refused = await post(json.replace('"num":1', `"num":${written}`), type)
      assert.deepEqual([refused.statusCode, refused.json().fields?.[0].field], [400, 'lines[0].num'], written)
    }
    assert.equal(started.length, 0)
  })

  it('answers HEAD as GET, without the body', async () => {
    const { app } = await appOf()
    for (const url of [
      '/healthz',
      '/readyz',
      '/users/7/cart/items',
      '/users/7/cart/items/3',
      '/orders/NOSUCHORDER',
      '/metrics',
    ]) {
      const [head, get] = [await app.inject({ method: 'HEAD', url }), await app.inject(url)]
      assert.deepEqual([head.statusCode, head.body], [get.statusCode, ''], url)
    }
  })
})
