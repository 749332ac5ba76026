import assert from 'node:assert/strict'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import type { FastifyInstance } from 'fastify'
import { readBearerTokens } from '../../codec/bearer-tokens.ts'
import { createDecodeApp, type Decoded } from '../../codec/decode-app.ts'
import { payloadJson, payloadsOf } from '../../codec/payload-json.ts'
import { codecOver, keysFile } from '../support/payload-keys.ts'
import { tempDir } from '../support/temp-dir.ts'

const ORIGIN = 'http://127.0.0.1:8233'
const TOKEN = 'b'.repeat(32)
const ORDER = { name: 'A. Buyer', address: '1 Harbour Road' }

describe('the codec server', () => {
  let app: FastifyInstance
  let decoded: Decoded[]
  let refused: string[]
  let body: { payloads: unknown[] }

  before(async () => {
    const tokens = join(await tempDir(), 'tokens')
    writeFileSync(tokens, `alice ${'a'.repeat(40)}\nbob ${TOKEN}\n`, { mode: 0o600 })
    const codec = codecOver(await keysFile('k1'))
    app = createDecodeApp({
      codec: codecOver(await keysFile('k1'), { encrypts: false }),
      namespace: 'default',
      origin: ORIGIN,
      whoHas: readBearerTokens(tokens),
      onDecoded: (one) => decoded.push(one),
      onRefused: (reason) => refused.push(reason),
    })
    const payloads = await codec.encode([defaultPayloadConverter.toPayload(ORDER) as Payload])
    const [unknown] = await codecOver(await keysFile('k9')).encode(payloads)
    body = { payloads: [...payloads, unknown as Payload].map(payloadJson) }
  })
  after(() => app.close())
  beforeEach(() => {
    decoded = []
    refused = []
  })

  const ask = (
    headers: Record<string, string>,
    payload: string | object = body,
    url = '/decode',
    method: 'POST' | 'GET' = 'POST',
  ) =>
    app.inject({
      method,
      url,
      headers: { 'content-type': 'application/json', ...headers },
      ...(method === 'POST' && { payload }),
    })
  const bearer = { authorization: `Bearer ${TOKEN}` }

  it('decodes for whoever has a token, leaves what it can not read as it is, and records who, where and how many', async () => {
    const answer = await ask({ ...bearer, origin: ORIGIN, 'x-namespace': 'default' })
    assert.equal(answer.statusCode, 200)
    const [first, second] = payloadsOf(answer.json()) ?? []
    assert.deepEqual(defaultPayloadConverter.fromPayload(first as Payload), ORDER)
    assert.deepEqual(payloadJson(second as Payload), body.payloads[1])
    assert.equal(answer.headers['access-control-allow-origin'], ORIGIN)
    assert.equal(answer.headers['cache-control'], 'no-store')
    assert.deepEqual(decoded, [{ who: 'bob', namespace: 'default', payloads: 2, locked: 1 }])
  })

  it('decodes nothing without a token, with a wrong one, for another page, or of another namespace', async () => {
    const attempts: [headers: Record<string, string>, status: number][] = [
      [{}, 401],
      [{ authorization: 'Bearer' }, 401],
      [{ authorization: `Basic ${TOKEN}` }, 401],
      [{ authorization: `Bearer ${TOKEN}b` }, 401],
      [{ authorization: `Bearer ${'b'.repeat(31)}` }, 401],
      [{ ...bearer, origin: 'http://127.0.0.1:8234' }, 403],
      [{ ...bearer, origin: 'http://evil.example' }, 403],
      [{ ...bearer, origin: 'null' }, 403],
      [{ ...bearer, 'x-namespace': 'another' }, 403],
    ]
    for (const [headers, status] of attempts) {
      const answer = await ask(headers)
      assert.equal(answer.statusCode, status, JSON.stringify(headers))
      // The web UI would take JSON for the payloads.
      assert.match(`${answer.headers['content-type']}`, /^text\/plain/)
      if (status === 403 && headers.origin) assert.equal(answer.headers['access-control-allow-origin'], undefined)
    }
    assert.deepEqual(decoded, [])
    assert.equal(refused.length, attempts.length)
    assert.ok(!refused.join().includes(TOKEN))
  })

  it('lets the page of the web UI ask before it asks, and no other', async () => {
    const preflight = (origin: string) =>
      app.inject({ method: 'OPTIONS', url: '/decode', headers: { origin, 'access-control-request-method': 'POST' } })
    const allowed = await preflight(ORIGIN)
    assert.equal(allowed.statusCode, 204)
    assert.equal(allowed.headers['access-control-allow-origin'], ORIGIN)
    assert.match(`${allowed.headers['access-control-allow-headers']}`, /authorization/)
    const other = await preflight('http://evil.example')
    assert.deepEqual([other.statusCode, other.headers['access-control-allow-origin']], [403, undefined])
  })

  it('does not encode, and serves nothing else', async () => {
    for (const [method, url] of [
      ['POST', '/encode'],
      ['GET', '/decode'],
      ['GET', '/'],
      ['POST', '/decode/x'],
    ] as const) {
      assert.equal((await ask(bearer, body, url, method)).statusCode, 404, `${method} ${url}`)
    }
  })

  it('refuses what is no list of payloads, and more than it can hold', async () => {
    for (const payload of [
      '',
      '{',
      '[]',
      '{"payloads":{}}',
      '{"payloads":[1]}',
      '{"payloads":[{"data":1}]}',
      '{"payloads":[{"metadata":{"a":1}}]}',
    ]) {
      assert.equal((await ask(bearer, payload)).statusCode, 400, payload)
    }
    assert.equal((await ask(bearer, { payloads: ['x'.repeat(9 * 1024 * 1024)] })).statusCode, 413)
    assert.equal((await ask({}, { payloads: ['x'.repeat(9 * 1024 * 1024)] })).statusCode, 401, 'a stranger’s body is not read')
  })
})

describe('a file of tokens', () => {
  it('is refused if a token could be guessed, or there is none', async () => {
    const path = join(await tempDir(), 'tokens')
    writeFileSync(path, `alice ${'a'.repeat(31)}\n`, { mode: 0o600 })
    assert.throws(() => readBearerTokens(path), /line 1 has a token of fewer than 32 characters/)
    writeFileSync(path, '# nobody\n', { mode: 0o600 })
    assert.throws(() => readBearerTokens(path), /without a token/)
    writeFileSync(path, `alice ${'a'.repeat(32)}\n`)
    assert.equal(readBearerTokens(path)('a'.repeat(32)), 'alice')
    chmodSync(path, 0o644)
    assert.throws(() => readBearerTokens(path), /others than its owner/)
  })
})
