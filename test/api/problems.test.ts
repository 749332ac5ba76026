import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createApp } from '../../api/app.ts'
import type { FailureRow } from '../../contracts/failure-row.ts'
import { FAILURES, type FailureType, failure } from '../../contracts/failures.ts'
import { failureTable } from '../support/failure-table.ts'
import { appOf, fakeParts, REQUEST, runsThat } from './parts.ts'

const ROWS = Object.entries<FailureRow>(FAILURES) as [FailureType, FailureRow][]
/** Failures that are answered by a problem document. A caller of an order in doubt is answered 202 instead. */
const PROBLEMS = ROWS.filter(([type]) => type !== 'OrderInDoubt')

describe('problem documents', () => {
  it('carry status, code and type of every row of the failure table', async () => {
    for (const [type, row] of PROBLEMS) {
      const refused = failure(type, 'it happened', { goodsIds: [3], status: 'a detail that is no HTTP status' })
      // Not held to its document: most of them no run is ever refused for.
      const { app } = await createApp(fakeParts({ runs: runsThat({ kind: 'refused', refused }) }).parts)
      const answer = await app.inject({ method: 'POST', url: '/orders', payload: REQUEST })
      assert.equal(answer.statusCode, row.http, type)
      assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
      assert.equal(answer.headers['retry-after'], row.retryAfter ? '2' : undefined)
      assert.deepEqual(answer.json(), {
        type: `/docs/problems#${type}`,
        title: row.title,
        status: row.http,
        detail: `it happened: ${row.advice}`,
        code: row.code,
        failure: type,
        goodsIds: [3],
      })
      assert.match((await app.inject('/docs/problems')).body, new RegExp(`id="${type}"`))
    }
  })

  it('answer unknown paths, whatever comes with them', async () => {
    const { app } = await appOf()
    for (const [method, url] of [
      ['GET', '/nowhere?name=Ada'],
      ['POST', '/nowhere'],
      ['OPTIONS', '/nowhere'],
      ['PUT', '/orders/'],
      ['GET', '/orders/X/lines'],
      ['GET', '/docs/static/nothing'],
      ['GET', '/metricsXtxt'],
      ['GET', '/openapiXjson'],
      ['GET', '/%zz'],
    ] as const) {
      const payload =
        method === 'GET' || method === 'OPTIONS' ? {} : { payload: 'Ada', headers: { 'content-type': 'text/plain' } }
      const answer = await app.inject({ method, url, ...payload })
      assert.deepEqual([url, answer.statusCode, answer.json().failure], [url, 404, 'RouteNotFound'])
      assert.doesNotMatch(answer.body, /Ada/)
    }
  })

  it('answer 405 for every path that is served and every method that it does not take, naming those that it does', async () => {
    const { app, started } = await appOf()
    const { paths } = (await app.inject('/openapi.json')).json() as { paths: Record<string, object> }
    const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'QUERY', 'PROPFIND'] as const
    const served = {
      ...Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, Object.keys(item)])),
      '/docs': ['get'],
    }
    assert.ok(Object.keys(served).length >= 8)
    for (const [path, taken] of Object.entries(served)) {
      const url = path.replaceAll(/\{\w+\}/g, '7')
      const upper = taken.map((method) => method.toUpperCase())
      const allow = [...upper, ...(upper.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].sort()
      for (const method of methods.filter((one) => !allow.includes(one))) {
        const body = method === 'HEAD' || method === 'GET' ? {} : { payload: 'Ada', headers: { 'content-type': 'text/plain' } }
        const answer = await app.inject({ method: method as 'GET', url: `${url}?name=Ada`, ...body })
        assert.deepEqual([method, url, answer.statusCode, answer.headers.allow], [method, url, 405, allow.join(', ')])
        assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
        if (method === 'HEAD') continue
        assert.deepEqual([answer.json().failure, answer.json().allow], ['MethodNotAllowed', allow])
        assert.doesNotMatch(answer.body, /Ada/)
      }
      const options = await app.inject({ method: 'OPTIONS', url })
      assert.deepEqual([options.statusCode, options.headers.allow, options.body], [204, allow.join(', '), ''])
    }
    assert.deepEqual(started, [])
  })

  it('have codes of their own', () => {
    const codes = ROWS.map(([, { code }]) => code)
    assert.equal(new Set(codes).size, codes.length)
  })

  it('are the table of docs/failures.md', () => {
    const document = readFileSync(new URL('../../docs/failures.md', import.meta.url), 'utf8')
    const [, table] = document.split(/<!-- \/?failures -->/)
    assert.equal(table?.trim(), failureTable())
  })
})
