import assert from 'node:assert/strict'
import { type ServiceError, status } from '@grpc/grpc-js'
import { Registry } from 'prom-client'
import { errorInfoOf } from '../../clients/error-info.ts'
import { type Authenticate, believeAnybody } from '../../identity/authenticate.ts'
import { unauthenticated } from '../../identity/bearer.ts'
import { CallerLimits } from '../../limits/caller-limits.ts'
import { TrustedProxies } from '../../limits/trusted-proxies.ts'
import { RetryInfo } from '../../proto/generated/google/rpc/error_details.ts'
import { Status } from '../../proto/generated/google/rpc/status.ts'
import { OrderServiceService } from '../../proto/generated/order.ts'
import { type Door, openDoor } from './door.ts'

/** Calls of one caller that are let through: the clock of these limits stands still. */
const LIMIT = 5
const METHODS = Object.keys(OrderServiceService) as (keyof typeof OrderServiceService)[]

describe('a caller that floods the door over gRPC', () => {
  let door: Door
  let registry: Registry

  async function open(proxies: string[], authenticate: Authenticate = believeAnybody) {
    registry = new Registry()
    const rates = { perSecond: LIMIT, servicePerSecond: LIMIT, behindGateway: false, heldMs: 0, now: () => 5 }
    door = await openDoor({
      authenticate,
      registry,
      limits: new CallerLimits({ ...rates, proxies: new TrustedProxies(proxies), registry }),
    })
  }
  afterEach(() => door.close())

  async function refusals(calls: Promise<unknown>[]): Promise<ServiceError[]> {
    const answers = await Promise.allSettled(calls)
    const errors = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as ServiceError] : []))
    return errors.filter(({ code }) => code === status.RESOURCE_EXHAUSTED)
  }

  it('is refused, whichever methods it calls and whatever it says of itself, and is answered when it may come again', async () => {
    await open([])
    const calls = Array.from({ length: 10 }, (_, i) =>
      METHODS.map((method) =>
        door.call(method, {}, { metadata: { 'x-forwarded-for': `198.51.100.${i}`, authorization: `Bearer ${i}` } }),
      ),
    )
    const refused = await refusals(calls.flat())
    assert.equal(refused.length, 90 - LIMIT)
    for (const error of refused) {
      assert.deepEqual([error.details, errorInfoOf(error)?.reason], ['请求过于频繁，请稍后重试', 'TooManyRequests'])
      const [bytes] = error.metadata.get('grpc-status-details-bin')
      const retry = Status.decode(bytes as Buffer).details.find(({ typeUrl }) => typeUrl.endsWith('google.rpc.RetryInfo'))
      assert.equal(retry && RetryInfo.decode(retry.value).retryDelay?.seconds, 2n)
    }
    assert.match(await registry.metrics(), /requests_limited_total\{door="grpc",caller="address"} 85/)
  })

  it('is counted as well if it can not say who it is', async () => {
    await open([], () => {
      throw unauthenticated('no token was sent')
    })
    const refused = await refusals(Array.from({ length: 50 }, () => door.call('orderList', { userId: 7 })))
    assert.equal(refused.length, 50 - LIMIT)
  })

  it('behind a trusted proxy is known by the address that the proxy names, and keeps nobody out', async () => {
    await open(['127.0.0.1'])
    const from = (address: string) =>
      door.call('orderList', { userId: 7 }, { metadata: { 'x-forwarded-for': `9.9.9.9, ${address}` } })
    const refused = await refusals(Array.from({ length: 50 }, () => from('203.0.113.7')))
    assert.equal(refused.length, 50 - LIMIT)
    assert.deepEqual(await from('203.0.113.8'), { total: 0, data: [] })
  })
})
