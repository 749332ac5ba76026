import assert from 'node:assert/strict'
import { complaintOf } from '../../operators/complaint-of.ts'

describe('the complaint of a command of operators', () => {
  it('names the account and the role if PostgreSQL does not allow what was asked for', () => {
    const denied = Object.assign(new Error('permission denied for table recipient_keys'), { code: '42501' })
    assert.match(
      complaintOf(denied),
      /^failed: permission denied for table recipient_keys; .*DATABASE_URL.*DATABASE_OPERATOR_ROLE/,
    )
  })

  it('adds nothing to anything else', () => {
    assert.equal(complaintOf(new Error('it broke')), 'failed: it broke')
    assert.equal(complaintOf(undefined), 'failed: undefined')
  })
})
