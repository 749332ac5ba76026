import assert from 'node:assert/strict'
import { reasonOf } from '../../contracts/reason-of.ts'

describe('the reason for which a call failed', () => {
  it('is its message, and that of its cause', () => {
    assert.equal(reasonOf(new Error('no route')), 'no route')
    assert.equal(reasonOf(new TypeError('fetch failed', { cause: new Error('no route') })), 'fetch failed: no route')
  })

  it('is its code if it has no message', () => {
    assert.equal(reasonOf({ message: '', code: 'ECONNREFUSED' }), 'ECONNREFUSED')
  })

  it('is that of each address of a host that has several', () => {
    const errors = [new Error('connect ::1'), new Error('connect 127.0.0.1')]
    // As node:net makes it.
    const cause = Object.assign(new AggregateError(errors, 'several'), { message: '' })
    assert.equal(reasonOf(cause), 'connect ::1, connect 127.0.0.1')
    assert.equal(reasonOf(new TypeError('fetch failed', { cause })), 'fetch failed: connect ::1, connect 127.0.0.1')
  })

  it('is whatever was thrown that is no error', () => {
    assert.equal(reasonOf('no route'), 'no route')
  })
})
