import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { FAILURES, type FailureRow, type FailureType, refusal } from '../../contracts/failures.ts'
import { failureTable } from '../support/failure-table.ts'
import { appOf, runsThat } from './parts.ts'

const ROWS = Object.entries<FailureRow>(FAILURES) as [FailureType, FailureRow][]
/** Whoever waits for an order in doubt is told to go on waiting: that is no problem document. */
const PROBLEMS = ROWS.filter(([type]) => type !== 'OrderInDoubt')

describe('problem documents', () => {
  it('carry status, code and type of every row of the failure table', async () => {
    for (const [type, row] of PROBLEMS) {
      const refused = refusal(type, 'it happened', { goodsIds: [3], status: 'a detail that is no HTTP status' })
      const { post, app } = await appOf({ runs: runsThat({ kind: 'refused', refused }) })
      const answer = await post()
      assert.equal(answer.statusCode, row.http, type)
      assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8')
      assert.equal(answer.headers['retry-after'] !== undefined, row.http === 503)
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

  it('answer unknown paths and methods', async () => {
    const { app } = await appOf()
    for (const [method, url] of [
      ['GET', '/nowhere?name=Ada'],
      ['PATCH', '/orders'],
      ['GET', '/%zz'],
    ] as const) {
      const answer = await app.inject({ method, url })
      assert.deepEqual([answer.statusCode, answer.json().failure], [404, 'RouteNotFound'])
      assert.doesNotMatch(answer.body, /Ada/)
    }
  })

  it('have codes of their own', () => {
    const codes = ROWS.map(([, { code }]) => code)
    assert.equal(new Set(codes).size, codes.length)
  })

  it("are README's failure table", () => {
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
    const [, table] = readme.split(/<!-- \/?failures -->/)
    assert.equal(table?.trim(), failureTable())
  })
})
