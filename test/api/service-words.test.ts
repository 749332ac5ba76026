import assert from 'node:assert/strict'
import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import { failureOfCall } from '../../activities/failure-of-call.ts'
import { problemOf } from '../../api/problems.ts'
import { METHODS_CALLED } from '../../clients/answers.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { FAILURES, type Failure, failure } from '../../contracts/failures.ts'
import { messageForCallers } from '../../contracts/message-for-callers.ts'
import { messageForOperators } from '../../contracts/message-for-operators.ts'
import { refusalError } from '../../rpc/refusal.ts'
import { appOf, CLOSED, ordersThatSay, runsThat } from './parts.ts'

const SECRET = 'postgres://shop:hunter2@10.0.0.7, 17 pieces left'
const STATUSES = Object.values(status).filter((code): code is status => typeof code === 'number' && code !== status.OK)

/** Every failure that a service can cause by its answer: each method, each status, its words around the secret as they like. */
const ANSWERS = fc.record({
  method: fc.constantFrom(...METHODS_CALLED),
  code: fc.constantFrom(...STATUSES),
  before: fc.oneof(
    fc.constantFrom('', '商品 5 库存不足 ', 'record not found ', 'not connected: ', 'x: y: ', '(', '\n'),
    fc.string({ maxLength: 20 }),
  ),
})
type Answer = typeof ANSWERS extends fc.Arbitrary<infer Of> ? Of : never

describe('what a service says in its own words', () => {
  it('is in no answer over HTTP and gRPC, neither as it is caused, nor as a row or a history of an earlier release holds it', () => {
    fc.assert(
      fc.property(ANSWERS, (answer) => {
        for (const refused of [causedBy(answer), asOfOld(answer), undoneAsOfOld(answer)]) {
          const { details, metadata } = refusalError(refused, 'orderCreate')
          const shown = [JSON.stringify(problemOf(refused)), details, JSON.stringify(metadata.getMap()), trailersOf(metadata)]
          for (const text of shown) assert.doesNotMatch(text, /hunter2|17 pieces/, `${refused.type}: ${text}`)
          assert.ok(problemOf(refused).detail.endsWith(FAILURES[refused.type].advice), problemOf(refused).detail)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('is there for operators, but for those of the user service, which name people, and those that say how many pieces there are', () => {
    fc.assert(
      fc.property(ANSWERS, (answer) => {
        const failed = causedBy(answer)
        const isKept = !answer.method.startsWith('user/') && failed.type !== 'InsufficientStock'
        assert.equal(messageForOperators(failed).includes('hunter2'), isKept)
      }),
    )
  })

  it('is in no answer of the starter: neither to whoever places the order, nor to whoever looks at it later', async () => {
    const refused = asOfOld({ method: 'goods/BatchGetGoods', code: status.PERMISSION_DENIED, before: '' })
    const { post } = await appOf({ runs: runsThat({ kind: 'refused', refused }) })
    const { app } = await appOf({ orders: ordersThatSay({ ...CLOSED, refusal: refused }) })
    for (const answer of [await post(), await app.inject(`/orders/${CLOSED.orderSn}`)]) {
      assert.match(answer.body, /ServiceRejected/)
      assert.doesNotMatch(answer.body, /hunter2/)
    }
  })

  it('is all that is left out: our own words stay', () => {
    for (const message of [
      'goods/BatchGetGoods was not called: its circuit is open',
      'there is no order "A": B',
      'PostgreSQL can’t be used now (x)',
    ]) {
      assert.equal(messageForCallers({ type: 'ServiceUnavailable', message }), message)
    }
  })
})

function causedBy({ method, code, before }: Answer): Failure {
  const details = `${before}${SECRET}`
  const error: ServiceError = Object.assign(new Error(details), { code, details, metadata: new Metadata() })
  const found = failureIn(failureOfCall(method, error))
  assert.ok(found)
  return found
}

/** Failure as it was written before the service's words were a detail. */
function asOfOld(answer: Answer): Failure {
  const { type, details } = causedBy(answer)
  const { said: _, ...rest } = details
  return failure(type, `${answer.method} answered ${status[answer.code]}: ${answer.before}${SECRET}`, rest)
}

function undoneAsOfOld(answer: Answer): Failure {
  return failure('CompensationFailed', `reback of order A was refused (${asOfOld(answer).message})`, { owed: 'reback' })
}

function trailersOf(metadata: Metadata): string {
  return metadata
    .get('grpc-status-details-bin')
    .map((bytes) => Buffer.from(bytes as Buffer).toString('latin1'))
    .join()
}
