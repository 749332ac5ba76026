import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import { errorInfoOf } from '../../clients/error-info.ts'
import { HealthClient, HealthCheckResponse_ServingStatus as Serving } from '../../proto/generated/grpc/health/v1/health.ts'
import {
  CartItemRequest,
  OrderRequest,
  OrderServiceClient,
  OrderServiceService,
  OrderStatus,
  UserInfo,
} from '../../proto/generated/order.ts'
import { TlsFiles } from '../../tls/tls-files.ts'
import { AMPLE_MS } from '../clients/ample.ts'
import { until } from '../e2e/faults/until.ts'
import { answer } from '../services/grpc-call.ts'
import { type Door, openDoor } from './door.ts'
import { refused } from './refused.ts'

const SEED = Number(process.env.SEED ?? 20_261_130)
const EDGES = [-2_147_483_648, -1, 0, 1, 2_147_483_647]
const BUYER = { address: '1 Harbour Road', name: 'A. Buyer', mobile: '13800000000' }

const pathOf = (file: string) => new URL(`../clients/tls/${file}`, import.meta.url).pathname
const pem = (file: string) => readFileSync(pathOf(file))
const TLS = new TlsFiles({ cert: pathOf('server.pem'), key: pathOf('server.key') })

/** A client with a connection of its own. */
function callerAt({ service }: Door, tls: TlsFiles | undefined): OrderServiceClient {
  const by = tls ? credentials.createSsl(pem('ca.pem')) : credentials.createInsecure()
  return new OrderServiceClient(service.address, by, {
    'grpc.ssl_target_name_override': 'goods.test',
    'grpc.use_local_subchannel_pool': 1,
  })
}

async function codeOf(client: OrderServiceClient): Promise<status> {
  const call = answer((done) => client.cartItemList({ id: 1 }, { deadline: Date.now() + AMPLE_MS } as never, done as never))
  return await call.then(
    () => status.OK,
    (error: ServiceError) => error.code,
  )
}

describe('the door over gRPC', () => {
  let door: Door

  beforeEach(async () => {
    door = await openDoor()
  })
  afterEach(() => door.close())

  it('says by its health whether orders are taken, and that it is being stopped', async () => {
    const health = new HealthClient(door.service.address, credentials.createInsecure())
    const watch = health.watch({ service: 'OrderService' })
    watch.on('error', () => undefined)
    const next = async () => (await once(watch, 'data'))[0].status
    assert.equal(await next(), Serving.SERVING)
    assert.equal((await answer<{ status: number }>((done) => health.check({ service: '' }, done))).status, Serving.SERVING)
    for (const close of [{ isUp: false }, { latest: 500 }]) {
      const closed = next()
      Object.assign(door.shop, close)
      assert.equal(await closed, Serving.NOT_SERVING)
      const open = next()
      Object.assign(door.shop, { isUp: true, latest: 0 })
      assert.equal(await open, Serving.SERVING)
    }
    const stopping = next()
    const stopped = door.service.stop()
    assert.equal(await stopping, Serving.NOT_SERVING)
    await stopped
    health.close()
  })

  it('answers the calls that it has before it stops, one whose order is open included', async () => {
    const userId = 1
    await door.call('cartItemAdd', { userId, goodsId: 3, nums: 1 })
    door.shop.outcome = { kind: 'open' }
    const open: ['DEADLINE_EXCEEDED', string, string] = [
      'DEADLINE_EXCEEDED',
      '订单仍在处理中，可能稍后创建成功，请稍后查看订单，请勿重复下单',
      'OrderPending',
    ]
    const waiting = refused(door, 'orderCreate', { userId, ...BUYER }, open, { deadlineMs: 600_000 })
    while (door.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await door.service.stop()
    assert.ok((await waiting).orderSn)
    await assert.rejects(door.call('orderList'), (error: ServiceError) => error.code === status.UNAVAILABLE)
  })

  it('refuses what is no message, and what is not UTF-8, as any other input', async () => {
    const invalid = async (method: keyof typeof OrderServiceService, bytes: Buffer) => {
      const error = await send(method, bytes)
      assert.deepEqual([error?.code, error && errorInfoOf(error)?.reason], [status.INVALID_ARGUMENT, 'InvalidInput'], method)
    }
    const latin = Buffer.concat([
      OrderRequest.encode({ ...OrderRequest.decode(Buffer.alloc(0)), userId: 1, ...BUYER }).finish(),
      Buffer.of(0x1a, 4, 0x43, 0x61, 0x66, 0xe9),
    ])
    await invalid('orderCreate', latin)
    for (const method of Object.keys(OrderServiceService) as (keyof typeof OrderServiceService)[]) {
      for (const bytes of [Buffer.of(0xff), Buffer.of(0x0a, 0x7f), Buffer.of(0x08, ...Array(10).fill(0xff))])
        await invalid(method, bytes)
    }
    const tooLarge = await send('orderCreate', Buffer.alloc(300_000, 0x20))
    assert.equal(tooLarge?.code, status.RESOURCE_EXHAUSTED)
    assert.equal(door.requests.length, 0)
  })

  it('answers any bytes, and any numbers, without an error of its own', async () => {
    const methods = Object.keys(OrderServiceService) as (keyof typeof OrderServiceService)[]
    const id = fc.oneof(fc.constantFrom(...EDGES), fc.integer({ min: -2_147_483_648, max: 2_147_483_647 }))
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('', '\0', 'PAYING', 'TRADE_SUCCESS'))
    const sent = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      id.map((one) => UserInfo.encode({ id: one }).finish()),
      fc
        .record({
          id,
          userId: id,
          goodsId: id,
          goodsName: text,
          goodsImage: text,
          goodsPrice: fc.float(),
          nums: id,
          checked: fc.boolean(),
        })
        .map((one) => CartItemRequest.encode(one).finish()),
      fc
        .record({ id, userId: id, address: text, name: text, mobile: text, post: text })
        .map((one) => OrderRequest.encode(one).finish()),
      fc.record({ id, orderSn: text, status: text }).map((one) => OrderStatus.encode(one).finish()),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), sent, async (method, bytes) => {
        const error = await send(method, Buffer.from(bytes))
        if (!error) return
        assert.ok(errorInfoOf(error), `${method}: ${error.message}`)
        assert.notEqual(errorInfoOf(error)?.reason, 'InternalError', method)
      }),
      { seed: SEED, numRuns: 400, endOnFailure: true },
    )
    assert.deepEqual(
      door.logged.filter((line) => line.includes('unexpectedly')),
      [],
    )
  })

  it('takes so many connections of an address, encrypted or not, and one more when one of them is gone; a proxy has no such bound', async () => {
    for (const tls of [undefined, TLS]) {
      for (const isCounted of [true, false]) {
        const bounded = await openDoor({ ...(tls && { tls }), addresses: { max: 1, isCounted: () => isCounted } })
        try {
          const [first, second] = [callerAt(bounded, tls), callerAt(bounded, tls)]
          assert.equal(await codeOf(first), status.OK)
          assert.equal(await codeOf(second), isCounted ? status.UNAVAILABLE : status.OK)
          assert.equal(await codeOf(first), status.OK, 'who is connected stays so')
          const page = await bounded.registry.metrics()
          assert.equal(/rpc_server_turned_away_total\{reason="too_many_of_address"\} [1-9]/.test(page), isCounted)
          first.close()
          await until('there is room', async () => assert.equal(await codeOf(second), status.OK))
          const stopped = bounded.service.stop()
          await stopped
          assert.equal(await codeOf(second), status.UNAVAILABLE)
          second.close()
        } finally {
          await bounded.close()
        }
      }
    }
  })

  it('names the address and the setting if it is taken, with a bound and without', async () => {
    const { address } = door.service
    for (const addresses of [
      { max: 0, isCounted: () => true },
      { max: 1, isCounted: () => true },
    ]) {
      await assert.rejects(
        openDoor({ address, addresses }),
        /cannot listen on 127\.0\.0\.1:\d+ \(EADDRINUSE.*: free it, or set GRPC_ADDR/,
      )
    }
  })

  it('counts its calls by method, status and outcome', async () => {
    await door.call('cartItemList', { id: 1 })
    await refused(door, 'orderDetail', { id: 9 }, ['NOT_FOUND', '订单不存在', 'OrderNotFound'])
    const page = await door.registry.metrics()
    for (const line of [
      'rpc_server_calls_total{method="CartItemList",code="OK",outcome="success"} 1',
      'rpc_server_calls_total{method="OrderDetail",code="NOT_FOUND",outcome="refused"} 1',
      'rpc_server_calls_total{method="OrderCreate",code="UNAVAILABLE",outcome="error"} 0',
      'rpc_server_call_duration_seconds_count{method="OrderDetail"} 1',
      'rpc_server_calls_in_flight 0',
    ]) {
      assert.ok(page.includes(line), line)
    }
  })

  /** Sends these very bytes. @returns the error, if there was one */
  async function send(method: keyof typeof OrderServiceService, bytes: Buffer): Promise<ServiceError | undefined> {
    const client = new Client(door.service.address, credentials.createInsecure())
    const { path } = OrderServiceService[method]
    const options = { deadline: Date.now() + AMPLE_MS }
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(
        path,
        (sent: Buffer) => sent,
        (got: Buffer) => got,
        bytes,
        options,
        (error) => resolve(error),
      )
    })
    client.close()
    return error ?? undefined
  }
})

describe('the door over gRPC with certificates', () => {
  it('speaks TLS, and with authorities of its callers only to those who have a certificate of theirs', async () => {
    const door = await openDoor({
      tls: new TlsFiles({ cert: pathOf('server.pem'), key: pathOf('server.key'), ca: pathOf('ca.pem') }),
    })
    const identified = credentials.createSsl(pem('ca.pem'), pem('client.key'), pem('client.pem'))
    const codes: (status | undefined)[] = []
    for (const by of [identified, credentials.createSsl(pem('ca.pem')), credentials.createInsecure()]) {
      const client = new OrderServiceClient(door.service.address, by, { 'grpc.ssl_target_name_override': 'goods.test' })
      const call = answer((done) => client.cartItemList({ id: 1 }, { deadline: Date.now() + AMPLE_MS } as never, done as never))
      codes.push(
        await call.then(
          () => status.OK,
          (error: ServiceError) => error.code,
        ),
      )
      client.close()
    }
    assert.deepEqual(codes, [status.OK, status.UNAVAILABLE, status.UNAVAILABLE])
    await door.close()
  })
})

describe('the door over gRPC while it is busy', () => {
  it('refuses a call above the limit at once', async () => {
    const door = await openDoor({ maxCalls: 1 })
    await door.call('cartItemAdd', { userId: 1, goodsId: 3, nums: 1 })
    door.shop.outcome = { kind: 'open' }
    const waiting = door.call('orderCreate', { userId: 1, ...BUYER }, { deadlineMs: 600_000 }).catch(() => undefined)
    while (door.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10))
    await refused(door, 'cartItemList', { id: 1 }, ['UNAVAILABLE', '系统忙，请稍后重试', 'ServiceUnavailable'])
    await door.close()
    await waiting
  })
})
