import assert from 'node:assert/strict'
import { SparingLog } from '../../limits/sparing-log.ts'
import { appOf } from '../api/parts.ts'

describe('the log of answers that failed', () => {
  it('has one line a second of each kind, and says how many were left out', () => {
    let now = 0
    const lines = new SparingLog(() => now)
    const written: object[] = []
    const log = { warn: (fields: object) => written.push(fields), error: (fields: object) => written.push(fields) }
    const fail = (kind: string) => lines.write(log, 'warn', kind, { kind }, 'it failed')
    for (let i = 0; i < 1_000; i++) for (const kind of ['a', 'b']) fail(kind)
    assert.deepEqual(written, [{ kind: 'a' }, { kind: 'b' }])
    now = 1_000
    fail('a')
    now = 3_000
    fail('a')
    assert.deepEqual(written.slice(2), [{ kind: 'a', leftOut: 999 }, { kind: 'a' }])
  })

  it('remembers so many kinds and no more', () => {
    const lines = new SparingLog(() => 0)
    let written = 0
    const log = { warn: () => written++, error: () => written++ }
    for (let i = 0; i < 5_000; i++) lines.write(log, 'warn', `kind ${i}`, {}, 'it failed')
    lines.write(log, 'warn', 'kind 4999', {}, 'it failed')
    lines.write(log, 'warn', 'kind 0', {}, 'it failed')
    assert.equal(written, 5_001, 'the oldest was forgotten')
  })

  it('has a line or two of a flood that meets an outage, whatever it asks', async () => {
    const lists = {
      listOrders: async () => {
        throw new Error('broken')
      },
    }
    const { app, logged } = await appOf({ temporal: { isUp: false }, lists })
    const flood = (url: string, method: 'GET' | 'POST') =>
      Promise.all(Array.from({ length: 100 }, () => app.inject({ method, url, ...(method === 'POST' && { payload: {} }) })))
    const since = performance.now()
    await Promise.all([flood('/orders?userId=7', 'GET'), flood('/orders/ABCDEFGHIJKLMNOP/cancel', 'POST')])
    const seconds = Math.ceil((performance.now() - since) / 1_000)
    assert.ok(logged.length >= 1 && logged.length <= 2 * seconds + 2, `${logged.length} lines in ${seconds} s`)
  })
})
