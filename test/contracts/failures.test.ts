import assert from 'node:assert/strict'
import { status } from '@grpc/grpc-js'
import { WorkflowFailedError } from '@temporalio/client'
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  DefaultFailureConverter,
  defaultPayloadConverter,
} from '@temporalio/common'
import { failureIn, failureOf } from '../../contracts/application-failure.ts'
import type { FailureRow } from '../../contracts/failure-row.ts'
import { FAILURES, type FailureType, failure } from '../../contracts/failures.ts'

const rows = Object.entries(FAILURES) as [FailureType, FailureRow][]

describe('the failure table', () => {
  it('gives each failure a code of its own, a gRPC status that exists, and an HTTP status of a failure', () => {
    assert.equal(new Set(rows.map(([, { code }]) => code)).size, rows.length)
    for (const [type, { grpc, http }] of rows) {
      assert.equal(typeof status[grpc as keyof typeof status], 'number', type)
      // A doubt is no failure yet: whoever waits goes on waiting.
      assert.ok((http >= 400 && http < 600) || (['OrderInDoubt', 'OrderPending'].includes(type) && http === 202), type)
    }
  })

  it("keeps the original's codes", () => {
    const { GoodsNotFound, InsufficientStock, ServiceUnavailable } = FAILURES
    assert.deepEqual(
      [GoodsNotFound, InsufficientStock, ServiceUnavailable].map(({ code }) => code),
      [10001, 10002, 10003],
    )
  })

  it('says nothing that a Reback still owed, or an order that stands, makes false: it is read at any time', () => {
    for (const [type, { title, advice }] of rows) {
      assert.doesNotMatch(`${title}; ${advice}`, /nothing (is|was) (held|sold|owed)|(is|was) settled/, type)
    }
  })

  it('decides whether Temporal retries', () => {
    for (const [type, { retried }] of rows) assert.equal(failureOf(failure(type, 'x')).nonRetryable, !retried, type)
    assert.deepEqual(
      rows.filter(([, { retried }]) => retried).map(([type]) => type),
      ['ServiceUnavailable'],
    )
  })
})

describe('the advice', () => {
  /** Failures that are never stored as the answer to every repeat. They name an operator, or the order itself. */
  const elsewhere = ['CompensationFailed', 'OrderInDoubt', 'OrderPending', 'ServiceUnavailable']
  const stored = rows.filter(
    ([type, { raisedBy }]) => /Order|sell|getUser|activity|any part/.test(raisedBy) && !elsewhere.includes(type),
  )

  it('of a refusal that is stored is a new key: under its own one nothing but the refusal will ever be answered', () => {
    assert.ok(stored.length >= 13)
    for (const [type, { advice }] of stored) assert.match(advice, /with a new idempotency key/, type)
  })

  it('is to come again by the same key only if nothing was stored', () => {
    assert.deepEqual(
      rows.filter(([, { advice }]) => /same request/.test(advice)).map(([type]) => type),
      ['ServiceUnavailable', 'OrderPending'],
    )
  })

  it('speaks of Retry-After if the answer has one, and nowhere else', () => {
    for (const [type, { advice, retryAfter }] of rows) assert.equal(/Retry-After/.test(advice), retryAfter === true, type)
  })
})

describe('a failure', () => {
  it('says what happened, and what to do', () => {
    for (const [type, { code, advice }] of rows) {
      assert.deepEqual(failure(type, 'it happened'), { type, code, message: `it happened: ${advice}`, details: {} })
    }
  })

  it('carries its next retry and its cause if there are any', () => {
    const cause = new Error('below')
    const made = failureOf(failure('ServiceUnavailable', 'x'), { nextRetryDelay: 700, cause })
    assert.equal(made.nextRetryDelay, 700)
    assert.equal(made.cause, cause)
  })
})

describe('the refusal within an error', () => {
  const refused = failure('GoodsOffSale', 'goods 7 are off sale', { goodsIds: [7] })

  it('is found through whatever Temporal wraps around it', () => {
    const activity = new ActivityFailure('a', 'getUser', '1', 'NON_RETRYABLE_FAILURE', 'worker', failureOf(refused))
    const child = new ChildWorkflowFailure('default', { workflowId: 'w' }, 'settleOrder', 'NON_RETRYABLE_FAILURE', activity)
    const whole = new WorkflowFailedError(
      'failed',
      ApplicationFailure.create({ type: 'Error', cause: child }),
      'RETRY_POLICY_NOT_SET',
    )
    for (const error of [failureOf(refused), activity, child, whole]) assert.deepEqual(failureIn(error), refused)
  })

  it('is the same after it crossed the wire', () => {
    const converter = new DefaultFailureConverter()
    const sent = converter.errorToFailure(
      new ActivityFailure('a', 'sell', '1', 'NON_RETRYABLE_FAILURE', 'worker', failureOf(refused)),
      defaultPayloadConverter,
    )
    assert.deepEqual(failureIn(converter.failureToError(sent, defaultPayloadConverter)), refused)
  })

  it('is what the outer failure says where a typed one has a typed cause', () => {
    const outer = failure('CompensationFailed', 'reback was refused', { owed: 'reback' })
    assert.deepEqual(failureIn(failureOf(outer, { cause: failureOf(refused) })), outer)
  })

  it('has the code of the table if the details carry none', () => {
    const bare = ApplicationFailure.create({ type: 'EmptyCart', message: 'empty' })
    assert.deepEqual(failureIn(bare), { type: 'EmptyCart', code: 10005, message: 'empty', details: {} })
  })

  it('is none if there is none', () => {
    const unknown = ['Error', 'toString', 'constructor', '__proto__', ''].map((type) => ApplicationFailure.create({ type }))
    for (const error of [undefined, null, 'EmptyCart', { type: 'EmptyCart' }, new Error('x'), ...unknown]) {
      assert.equal(failureIn(error), undefined)
    }
  })
})
