import assert from 'node:assert/strict'
import { Metadata, type ServiceError, status } from '@grpc/grpc-js'
import { failureOfCall } from '../../activities/failure-of-call.ts'
import { type RpcMethod, refusalOf } from '../../clients/answers.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { FAILURES, type FailureType } from '../../contracts/failures.ts'
import { StatusError } from '../../rpc/server/status-error.ts'

const away = 'ServiceUnavailable'
const rejected = 'ServiceRejected'

/** Meaning of each status that comes without a message: the failure of every method, then the methods for which it differs. */
const MEANINGS: Record<Exclude<keyof typeof status, 'OK'>, [FailureType, Partial<Record<RpcMethod, FailureType>>?]> = {
  CANCELLED: [away],
  UNKNOWN: [away],
  INVALID_ARGUMENT: [rejected],
  DEADLINE_EXCEEDED: [away],
  NOT_FOUND: [
    rejected,
    { 'goods/BatchGetGoods': 'GoodsNotFound', 'user/GetUserById': 'UserNotFound', 'inventory/Sell': 'InsufficientStock' },
  ],
  ALREADY_EXISTS: [rejected],
  PERMISSION_DENIED: [rejected],
  RESOURCE_EXHAUSTED: [away],
  FAILED_PRECONDITION: [rejected],
  ABORTED: [away],
  OUT_OF_RANGE: [rejected],
  UNIMPLEMENTED: [rejected],
  INTERNAL: [away],
  UNAVAILABLE: [away],
  DATA_LOSS: [away],
  UNAUTHENTICATED: [rejected],
}

const METHODS: RpcMethod[] = ['goods/BatchGetGoods', 'user/GetUserById', 'inventory/Sell', 'inventory/Reback']

describe('the meaning of a gRPC status', () => {
  it('is known for every status there is', () => {
    const names = Object.keys(status).filter((name) => Number.isNaN(Number(name)))
    assert.deepEqual(Object.keys(MEANINGS).sort(), names.filter((name) => name !== 'OK').sort())
  })

  for (const method of METHODS) {
    it(`${method}: is that of the table, and retried only if the table of failures says so`, () => {
      for (const [name, [usual, exceptions]] of Object.entries(MEANINGS) as [
        keyof typeof status,
        (typeof MEANINGS)['UNKNOWN'],
      ][]) {
        const failure = failureOfCall(method, answered(status[name] as status, 'x'))
        const expected = exceptions?.[method] ?? usual
        assert.equal(failure.type, expected, name)
        assert.equal(failure.nonRetryable, !FAILURES[expected].retried, name)
        const refused = expected !== away && expected !== rejected
        assert.equal(refusalOf(method, answered(status[name] as status, 'x')), refused ? expected : undefined, name)
      }
    })
  }
})

describe('RESOURCE_EXHAUSTED from Sell', () => {
  it("names the goods also in the original's words, and repeats none that may say how many there are", () => {
    for (const [details, goodsIds] of [
      ['商品 5 库存不足', [5]],
      ['商品 421 库存不足，剩余 3', [421]],
      ['库存不足', undefined],
    ] as const) {
      const { message, ...refused } = failureOfCall('inventory/Sell', answered(status.RESOURCE_EXHAUSTED, details))
      assert.match(
        message,
        goodsIds ? new RegExp(`^not enough stock of goods ${goodsIds[0]}: order`) : /^not enough stock: order/,
      )
      assert.deepEqual(refused.details, [{ code: 10002, service: 'inventory', ...(goodsIds && { goodsIds }) }])
    }
  })

  it('is out of stock if the reason says so, with the goods', () => {
    const error = new StatusError(status.RESOURCE_EXHAUSTED, 'not enough', {
      reason: 'INSUFFICIENT_STOCK',
      domain: 'inventory',
      metadata: { goodsIds: '3,7' },
    })
    const { type, details } = refused('inventory/Sell', error)
    assert.deepEqual([type, details], ['InsufficientStock', { service: 'inventory', goodsIds: [3, 7] }])
  })

  it("is out of stock if the original's message says so", () => {
    assert.equal(
      refused('inventory/Sell', answered(status.RESOURCE_EXHAUSTED, '商品[7]库存不足，剩余3')).type,
      'InsufficientStock',
    )
  })

  it('is not out of stock if it is anything else: a message too large, a rate limit, another reason', () => {
    for (const message of ['Received message larger than max (5000000 vs. 4194304)', 'rate limit', '']) {
      assert.equal(refused('inventory/Sell', answered(status.RESOURCE_EXHAUSTED, message)).type, away)
    }
    const other = new StatusError(status.RESOURCE_EXHAUSTED, 'x', { reason: 'QUOTA', domain: 'proxy', metadata: {} })
    assert.equal(refused('inventory/Sell', other).type, away)
  })

  it('means nothing of the kind from Reback, or from another status', () => {
    assert.equal(refused('inventory/Reback', answered(status.RESOURCE_EXHAUSTED, '库存不足')).type, away)
    assert.equal(refused('inventory/Sell', answered(status.INTERNAL, '库存不足')).type, away)
  })
})

describe('FAILED_PRECONDITION from Sell', () => {
  it('is a closed order if the sale was given back before, and a rejected call otherwise', () => {
    const because = (reason: string) =>
      new StatusError(status.FAILED_PRECONDITION, 'x', { reason, domain: 'inventory', metadata: {} })
    assert.equal(refused('inventory/Sell', because('SALE_RETURNED')).type, 'OrderClosed')
    assert.equal(refused('inventory/Sell', because('SALE_MISMATCH')).type, rejected)
  })
})

describe("the user service's answers", () => {
  it('are an unknown user if it says "record not found", as the original does', () => {
    assert.equal(refused('user/GetUserById', answered(status.UNKNOWN, 'record not found')).type, 'UserNotFound')
    assert.equal(refused('user/GetUserById', answered(status.UNKNOWN, 'connection lost')).type, away)
    assert.equal(refused('goods/BatchGetGoods', answered(status.UNKNOWN, 'record not found')).type, away)
  })

  it('are not passed on: they may name a person', () => {
    const { message, details } = refused('user/GetUserById', answered(status.INTERNAL, 'no mail for jane@example.org'), {
      userId: 7,
    })
    assert.match(message, /user\/GetUserById answered INTERNAL/)
    assert.doesNotMatch(message, /jane/)
    assert.deepEqual(details, { service: 'user', userId: 7 })
  })
})

describe('the failure of a call', () => {
  it('says which call, what was answered, and carries the facts it is given', () => {
    const { message, details } = refused('goods/BatchGetGoods', answered(status.UNAVAILABLE, 'no route'), { orderSn: 'X' })
    assert.match(message, /^goods\/BatchGetGoods answered UNAVAILABLE: send the same request again/)
    assert.deepEqual(details, { service: 'goods', orderSn: 'X', said: 'no route' })
  })

  it('can be sent and stored, whatever the service wrote', () => {
    const { said = '' } = refused(
      'inventory/Sell',
      answered(status.INTERNAL, `\0\u001b\n${'x'.repeat(296)}𝄞${'x'.repeat(9_999)}`),
    ).details
    assert.ok(said.isWellFormed() && !/\p{Cc}/u.test(said) && said.length < 500, said)
  })

  it('survives details that are garbage', () => {
    for (const bytes of ['', '\xff\xff\xff\xff', '\x1a\x7f', 'plain text']) {
      const error = answered(status.RESOURCE_EXHAUSTED, 'x')
      error.metadata.set('grpc-status-details-bin', Buffer.from(bytes, 'latin1'))
      assert.equal(refused('inventory/Sell', error).type, away)
    }
    for (const goodsIds of ['', 'a,b', '0,-1,1.5']) {
      const error = new StatusError(status.RESOURCE_EXHAUSTED, 'x', {
        reason: 'INSUFFICIENT_STOCK',
        domain: 'inventory',
        metadata: { goodsIds },
      })
      assert.deepEqual(refused('inventory/Sell', error).details.goodsIds, [], goodsIds)
    }
  })

  it('says that a service is not connected, which is worth another attempt, and no more than that of the user service', () => {
    const error = answered(status.UNAVAILABLE, 'not connected: round_robin: connect ECONNREFUSED')
    for (const [method, said] of [
      ['inventory/Sell', 'not connected: round_robin: connect ECONNREFUSED'],
      ['user/GetUserById', 'not connected'],
    ] as const) {
      const failure = failureOfCall(method, error)
      assert.deepEqual([failure.type, failure.nonRetryable], ['ServiceUnavailable', false])
      assert.ok(failure.message.startsWith(`${method} answered UNAVAILABLE: send the same request again`), failure.message)
      const { code, details } = refused(method, error)
      assert.deepEqual([code, details.said], [10003, said])
    }
  })

  it('keeps nothing of the error itself, which the history would hold whole', () => {
    const error = answered(status.UNAVAILABLE, 'x')
    error.metadata.set('authorization', 'hush')
    assert.equal(failureOfCall('goods/BatchGetGoods', error).cause, undefined)
  })

  it('is a defect of ours, never retried, if no service answered at all', () => {
    for (const error of [
      new TypeError('x is undefined'),
      'text',
      undefined,
      Object.assign(new Error('x'), { code: 'ECONNRESET' }),
    ]) {
      const failure = failureOfCall('inventory/Sell', error)
      assert.deepEqual([failure.type, failure.nonRetryable], ['InternalError', true])
    }
  })
})

function answered(code: status, details: string): ServiceError {
  return Object.assign(new Error(`${code} ${details}`), { code, details, metadata: new Metadata() })
}

function refused(method: RpcMethod, error: Error, facts?: Record<string, unknown>) {
  const found = failureIn(failureOfCall(method, error, facts))
  assert.ok(found)
  return found
}
