import assert from 'node:assert/strict'
import { FAILURES, type FailureType, failure } from '../../contracts/failures.ts'
import { refusalError } from '../../rpc/refusal.ts'
import { OTHER_TEXT, TEXTS } from '../../rpc/texts.ts'

describe('the texts of refusals over gRPC', () => {
  it('are there for each failure of the table, in the language of the shop', () => {
    for (const type of Object.keys(FAILURES) as FailureType[]) assert.match(TEXTS[type]?.text ?? '', /\p{Script=Han}/u, type)
  })

  it('are the general one for a failure of a participant that was added later', () => {
    const added = { ...failure('EmptyCart', 'x'), type: 'CouponRefused' as FailureType }
    Object.assign(FAILURES, { CouponRefused: FAILURES.EmptyCart })
    try {
      assert.equal(refusalError(added, 'orderCreate').message, OTHER_TEXT.text)
    } finally {
      delete (FAILURES as Record<string, unknown>).CouponRefused
    }
  })
})
