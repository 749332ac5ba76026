import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type ServiceError, status } from '@grpc/grpc-js'
import { GoodsClient } from '../../clients/goods-client.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import type { CallRecord } from '../../clients/unary.ts'
import { UserClient } from '../../clients/user-client.ts'
import type { OrderSn } from '../../contracts/order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { DEADLINES_MS } from '../../contracts/time-budget.ts'
import { GoodsInfoResponse, GoodsService } from '../../proto/generated/goods.ts'
import { InventoryServiceService, type SellInfo } from '../../proto/generated/inventory.ts'
import { UserInfoResponse, UserService } from '../../proto/generated/user.ts'
import { until } from '../e2e/faults/until.ts'
import { refusalOf } from '../services/grpc-call.ts'
import { AMPLE_MS } from './ample.ts'
import { type Listening, listening } from './listening.ts'

type Answer = (error: Partial<ServiceError> | null, response?: object) => void
type Call<Request> = { request: Request; getDeadline(): Date | number }

const [A, B] = [1, 2].map((userId) => orderSnOf({ userId, requestId: 'sent' })) as [OrderSn, OrderSn]
const LINES = [{ goodsId: 1, num: 2 }]

describe('the gRPC clients', () => {
  const ending: (() => void)[] = []
  const calls: CallRecord[] = []
  const onCall = (call: CallRecord) => calls.push(call)

  beforeEach(() => {
    calls.length = 0
  })
  afterEach(() => {
    for (const end of ending.splice(0).reverse()) end()
  })

  it('send the order number with Sell and Reback, and the lines as they are', async () => {
    const sent: [string, SellInfo][] = []
    const take = (method: string) => (call: Call<SellInfo>, done: Answer) => {
      sent.push([method, call.request])
      done(null, {})
    }
    const { address } = await serve(InventoryServiceService, { sell: take('Sell'), reback: take('Reback') })
    const inventory = keep(new InventoryClient({ target: address, deadlineMs: AMPLE_MS }))
    await inventory.sell(A, LINES)
    await inventory.reback(B, LINES)
    assert.deepEqual(sent, [
      ['Sell', { orderSn: A, goodsInvInfo: LINES }],
      ['Reback', { orderSn: B, goodsInvInfo: LINES }],
    ])
  })

  it('send nothing under what is no order number: under the empty one the inventory would sell as often as it is asked', async () => {
    let received = 0
    const take = (_: unknown, done: Answer) => {
      received++
      done(null, {})
    }
    const { address } = await serve(InventoryServiceService, { sell: take, reback: take })
    const inventory = keep(new InventoryClient({ target: address, deadlineMs: AMPLE_MS }))
    for (const text of ['', ' ', 'A', A.toLowerCase(), `${A}\n`, undefined, null]) {
      const none = new Error(
        `${typeof text === 'string' ? JSON.stringify(text) : text} is no order number, which is 16 of A-Z and 2-7`,
      )
      await assert.rejects(inventory.sell(text as OrderSn, LINES), none)
      await assert.rejects(inventory.reback(text as OrderSn, LINES), none)
    }
    assert.equal(received, 0)
  })

  it('send no number at all if they are asked to, for an inventory without keys', async () => {
    const sent: string[] = []
    const take = (call: Call<SellInfo>, done: Answer) => {
      sent.push(call.request.orderSn)
      done(null, {})
    }
    const { address } = await serve(InventoryServiceService, { sell: take, reback: take })
    const inventory = keep(new InventoryClient({ target: address, deadlineMs: AMPLE_MS }))
    await inventory.sellUnkeyed(LINES)
    await inventory.rebackUnkeyed(LINES)
    assert.deepEqual(sent, ['', ''])
  })

  it('let of a user through only what an order needs', async () => {
    const user = { ...UserInfoResponse.decode(Buffer.of()), id: 7, password: 'hush', mobile: '0100' }
    const { address } = await serve(UserService, { getUserById: (_: unknown, done: Answer) => done(null, user) })
    const users = keep(new UserClient({ target: address, deadlineMs: AMPLE_MS }))
    assert.deepEqual(await users.getUserById(7), { id: 7 })
  })

  it('give each call the deadline of its party: goods 5 s, inventory 3 s, user 2 s', async () => {
    assert.deepEqual(DEADLINES_MS, { goods: 5_000, inventory: 3_000, user: 2_000 })
    const left: number[] = []
    const note = (call: Call<unknown>, done: Answer) => {
      left.push(Math.ceil((Number(call.getDeadline()) - Date.now()) / 1_000))
      done({ code: status.ABORTED })
    }
    const { address } = await serve({ ...GoodsService, ...InventoryServiceService, ...UserService } as never, {
      batchGetGoods: note,
      sell: note,
      reback: note,
      getSale: note,
      getUserById: note,
    })
    const goods = keep(new GoodsClient({ target: address, deadlineMs: 50_000 }))
    const inventory = keep(new InventoryClient({ target: address, deadlineMs: 30_000 }))
    const users = keep(new UserClient({ target: address, deadlineMs: 20_000 }))
    await refusalOf(goods.batchGetGoods([1]))
    await refusalOf(inventory.sell(A, LINES))
    await refusalOf(inventory.reback(A, LINES))
    await refusalOf(inventory.getSale('A'))
    await refusalOf(users.getUserById(7))
    const allowed = [50, 30, 30, 30, 20]
    assert.ok(
      left.length === allowed.length &&
        left.every((seconds, i) => seconds <= (allowed[i] as number) && seconds > (allowed[i] as number) - 10),
      String(left),
    )
  })

  it('report every call, with its error if it failed', async () => {
    const refuse = (_: unknown, done: Answer) => done({ code: status.ABORTED, details: 'busy' })
    const { address } = await serve(InventoryServiceService, {
      sell: refuse,
      reback: (_: unknown, done: Answer) => done(null, {}),
    })
    const inventory = keep(new InventoryClient({ target: address, deadlineMs: AMPLE_MS, onCall }))
    await refusalOf(inventory.sell(A, LINES))
    await inventory.reback(A, LINES)
    assert.deepEqual(
      calls.map(({ service, method, error }) => [service, method, error?.code]),
      [
        ['inventory', 'Sell', status.ABORTED],
        ['inventory', 'Reback', undefined],
      ],
    )
    assert.ok(calls.every(({ seconds }) => seconds > 0))
  })

  it('send each call once: Temporal is the one that retries', async () => {
    let received = 0
    const { address } = await serve(InventoryServiceService, {
      sell: (_: unknown, done: Answer) => {
        received++
        done({ code: status.UNAVAILABLE, details: 'overloaded' })
      },
    })
    const inventory = keep(new InventoryClient({ target: address, deadlineMs: AMPLE_MS }))
    assert.equal((await refusalOf(inventory.sell(A, LINES))).code, status.UNAVAILABLE)
    assert.equal(received, 1)
  })

  it('take answers of up to 4 MB, and no larger ones', async () => {
    const goodsOf = (bytes: number) => [
      Object.assign(GoodsInfoResponse.decode(Buffer.of()), { id: 1, goodsDesc: 'x'.repeat(bytes) }),
    ]
    let bytes = 4 * 1024 * 1024 - 1_000
    const { address } = await serve(GoodsService, {
      batchGetGoods: (_: unknown, done: Answer) => done(null, { total: 1, data: goodsOf(bytes) }),
    })
    const goods = keep(new GoodsClient({ target: address, deadlineMs: AMPLE_MS }))
    assert.equal((await goods.batchGetGoods([1])).length, 1)
    bytes += 2_000
    assert.equal((await refusalOf(goods.batchGetGoods([1]))).code, status.RESOURCE_EXHAUSTED)
  })

  it('look for a service that is away for long every second or so, and find it again', async () => {
    const sell = (_: unknown, done: Answer) => done(null, {})
    const first = await serve(InventoryServiceService, { sell })
    const inventory = keep(new InventoryClient({ target: first.address, deadlineMs: AMPLE_MS }))
    await inventory.sell(A, LINES)
    first.stop()
    const looks: number[] = []
    const nobody = createServer((socket) => {
      looks.push(performance.now())
      socket.destroy()
    }).listen(Number(first.address.split(':')[1]), '127.0.0.1')
    await once(nobody, 'listening')
    await until('it has looked ten times', () => assert.ok(looks.length >= 10, `${looks.length}`))
    nobody.close()
    await once(nobody, 'close')
    // A backoff without a limit of ours waits 4 s and more by now, and grows.
    const waits = looks.slice(-5).map((at, i) => at - (looks.at(i - 6) as number))
    assert.ok((waits.toSorted((a, b) => a - b)[2] as number) < 3_000, `${waits}`)
    await serve(InventoryServiceService, { sell }, first.address)
    await until('it is found', () => inventory.sell(A, LINES))
  })

  async function serve(...parts: Parameters<typeof listening>): Promise<Listening> {
    const server = await listening(...parts)
    ending.push(() => server.stop())
    return server
  }

  function keep<T extends { close(): void }>(client: T): T {
    ending.push(() => client.close())
    return client
  }
})
