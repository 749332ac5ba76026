import assert from 'node:assert/strict'
import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import { errorInfoOf } from '../../clients/error-info.ts'
import { ErrorInfo } from '../../proto/generated/google/rpc/error_details.ts'
import { Status } from '../../proto/generated/google/rpc/status.ts'

const INFO: ErrorInfo = { reason: 'INSUFFICIENT_STOCK', domain: 'inventory', metadata: { goodsIds: '1,2' } }
const any = { typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo', value: Buffer.from(ErrorInfo.encode(INFO).finish()) }
const other = { typeUrl: 'type.googleapis.com/google.rpc.RetryInfo', value: Buffer.from([1, 2, 3]) }

describe('the ErrorInfo of an answer', () => {
  it('is found among other details', () => {
    for (const details of [[any], [other, any], [any, other]]) assert.deepEqual(errorInfoOf(carrying(details)), INFO)
  })

  it('is none if there is no such detail, no trailer, or no metadata at all', () => {
    assert.equal(errorInfoOf(carrying([other])), undefined)
    assert.equal(errorInfoOf(carrying([])), undefined)
    assert.equal(errorInfoOf(answered(new Metadata())), undefined)
    assert.equal(errorInfoOf(answered(undefined as unknown as Metadata)), undefined)
  })

  it('is none if the trailer is garbage, or its detail is: it never throws', () => {
    const bytes = fc.uint8Array({ maxLength: 64 })
    fc.assert(
      fc.property(bytes, (trailer) => void errorInfoOf(withTrailer(Buffer.from(trailer)))),
      { numRuns: 1_000 },
    )
    fc.assert(fc.property(bytes, (value) => void errorInfoOf(carrying([{ ...any, value: Buffer.from(value) }]))))
    assert.equal(errorInfoOf(withTrailer(Buffer.from([0xff, 0xff]))), undefined)
  })
})

function carrying(details: Status['details']): ServiceError {
  return withTrailer(Buffer.from(Status.encode({ code: status.ABORTED, message: 'x', details }).finish()))
}

function withTrailer(bytes: Buffer): ServiceError {
  const metadata = new Metadata()
  metadata.set('grpc-status-details-bin', bytes)
  return answered(metadata)
}

function answered(metadata: Metadata): ServiceError {
  return Object.assign(new Error('x'), { code: status.ABORTED, details: 'x', metadata })
}
