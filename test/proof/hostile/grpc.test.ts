import assert from 'node:assert/strict'
import { Client, credentials, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js'
import fc from 'fast-check'
import pino from 'pino'
import { BatchGoodsIdInfo, GoodsService } from '../../../proto/generated/goods.ts'
import { InventoryServiceService, SellInfo } from '../../../proto/generated/inventory.ts'
import { IdRequest, UserService } from '../../../proto/generated/user.ts'
import type { RunningService } from '../../../rpc/server/serve.ts'
import { startGoods } from '../../../services/goods/goods-service.ts'
import { startUser } from '../../../services/user/user-service.ts'
import { AMPLE_MS } from '../../clients/ample.ts'
import { InventoryClient } from '../../services/inventory-client.ts'
import { testDatabase } from '../../support/postgres.ts'

const GOODS_IDS = [1, 2, 3, 191, 192, 200]
const MIN_INT32 = -2_147_483_648
const MAX_INT32 = 2_147_483_647
const SEED = Number(process.env.SEED ?? 20_240_601)
type Method = MethodDefinition<unknown, unknown>

describe('whatever is sent to the reference services', () => {
  let inventory: InventoryClient
  let others: RunningService[]
  let methods: [address: string, method: Method][]
  let stockBefore: number[]

  before(async () => {
    inventory = await InventoryClient.start(await testDatabase())
    const log = pino({ level: 'silent' })
    others = await Promise.all([
      startGoods({ setting: 'GOODS_ADDR', address: '127.0.0.1:0' }, log),
      startUser({ setting: 'USER_ADDR', address: '127.0.0.1:0' }, log),
    ])
    const [goods, users] = others as [RunningService, RunningService]
    methods = [
      ...Object.values(InventoryServiceService).map((method): [string, Method] => [inventory.address, method as Method]),
      ...Object.values(GoodsService).map((method): [string, Method] => [goods.address, method as Method]),
      ...Object.values(UserService).map((method): [string, Method] => [users.address, method as Method]),
    ]
    stockBefore = await stocks()
  })

  after(async () => {
    await inventory.stop()
    await Promise.all(others.map((service) => service.stop()))
  })

  afterEach(async () => {
    assert.deepEqual(await stocks(), stockBefore)
    assert.deepEqual(
      (await inventory.sales('')).filter(({ goodsInvInfo }) => goodsInvInfo.length > 0),
      [],
    )
  })

  const stocks = () => Promise.all(GOODS_IDS.map((goodsId) => inventory.stock(goodsId)))

  it('bytes that are no message: each method answers, and with no error of its own', async () => {
    const fixed = [
      Buffer.of(0xff),
      Buffer.of(0x0a, 0x7f),
      Buffer.of(0x08, ...Array(10).fill(0xff)),
      Buffer.alloc(1_000_000, 0x0a),
    ]
    for (const [address, method] of methods) {
      for (const bytes of fixed) assertAnswered(await send(address, method, bytes), method, bytes)
    }
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...methods), fc.uint8Array({ maxLength: 64 }), async ([address, method], bytes) =>
        assertAnswered(await send(address, method, Buffer.from(bytes)), method, Buffer.from(bytes)),
      ),
      { seed: SEED, numRuns: 300, endOnFailure: true },
    )
  })

  it('a Sell or Reback that no order could mean is refused', async () => {
    const { sell, reback } = InventoryServiceService
    const lines = (...all: [number, number][]) => all.map(([goodsId, num]) => ({ goodsId, num }))
    const hostile: Record<string, SellInfo> = {
      'less than nothing': { orderSn: 'A', goodsInvInfo: lines([1, -1]) },
      'as little as can be written': { orderSn: 'B', goodsInvInfo: lines([1, MIN_INT32]) },
      nothing: { orderSn: 'C', goodsInvInfo: lines([1, 0]) },
      'more below, more above': { orderSn: 'D', goodsInvInfo: lines([1, -5], [1, 6]) },
      'a sum beyond int32': { orderSn: 'E', goodsInvInfo: lines([1, MAX_INT32], [1, MAX_INT32], [1, 3]) },
      'without an order, less than nothing': { orderSn: '', goodsInvInfo: lines([1, -1]) },
      'no order and no lines': { orderSn: '', goodsInvInfo: [] },
      '100,000 lines, the last one bad': {
        orderSn: 'F',
        goodsInvInfo: [...Array(100_000).fill({ goodsId: 1, num: 1 }), { goodsId: 1, num: -1 }],
      },
      'a number of a thousand letters': { orderSn: 'A'.repeat(1_000), goodsInvInfo: lines([1, 1]) },
      'a number with NUL': { orderSn: 'A\0', goodsInvInfo: lines([1, 1]) },
      'SQL, and less than nothing': { orderSn: "'; DROP TABLE stock; --", goodsInvInfo: lines([1, -1]) },
    }
    for (const [why, message] of Object.entries(hostile)) {
      const bytes = Buffer.from(SellInfo.encode(message).finish())
      for (const method of [sell, reback]) {
        const { code } = await send(inventory.address, method as Method, bytes)
        assert.equal(status[code], 'INVALID_ARGUMENT', `${method.path}: ${why}`)
      }
    }
    const bytes = Buffer.from(SellInfo.encode({ orderSn: 'AAAA', goodsInvInfo: lines([1, 1]) }).finish())
    const notUtf8 = Buffer.from(bytes).fill(0xff, bytes.indexOf('AAAA'), bytes.indexOf('AAAA') + 4)
    for (const method of [sell, reback]) {
      const { code } = await send(inventory.address, method as Method, notUtf8)
      assert.ok([status.INVALID_ARGUMENT, status.INTERNAL].includes(code), `${method.path}: invalid UTF-8 was ${status[code]}`)
    }
  })

  it('goods that cannot be are not found, and a Sell of them takes nothing of the others', async () => {
    for (const goodsId of [0, -1, MIN_INT32, MAX_INT32]) {
      const sale = SellInfo.encode({
        orderSn: `G${goodsId}`,
        goodsInvInfo: [
          { goodsId: 1, num: 1 },
          { goodsId, num: 1 },
        ],
      })
      const { code } = await send(inventory.address, InventoryServiceService.sell as Method, Buffer.from(sale.finish()))
      assert.equal(status[code], 'NOT_FOUND', `goods ${goodsId}`)
    }
  })

  it('a list of a million ids, and users that cannot be, are answered as any others', async () => {
    const [goods, users] = others as [RunningService, RunningService]
    const ids = BatchGoodsIdInfo.encode({ id: Array.from({ length: 1_000_000 }, (_, i) => (i % 127) - 5) }).finish()
    const { code } = await send(goods.address, GoodsService.batchGetGoods as Method, Buffer.from(ids))
    assert.equal(status[code], 'OK')
    for (const id of [0, -1, MIN_INT32, MAX_INT32]) {
      const bytes = Buffer.from(IdRequest.encode({ id }).finish())
      assert.equal(status[(await send(users.address, UserService.getUserById as Method, bytes)).code], 'NOT_FOUND', `user ${id}`)
    }
  })

  it('a message above 4 MB is turned away', async () => {
    for (const [address, method] of methods) {
      const { code } = await send(address, method, Buffer.alloc(4 * 1024 * 1024 + 1))
      assert.equal(status[code], 'RESOURCE_EXHAUSTED', method.path)
    }
  })
})

/** An INTERNAL of ours is a defect; that of gRPC itself says that the bytes are no such message. */
function assertAnswered({ code, details }: Ended, method: Method, bytes: Buffer): void {
  const why = `${method.path} ${bytes.subarray(0, 40).toString('hex')}: ${status[code]} ${details}`
  assert.doesNotMatch(details, /internal error: see the log/, why)
  if (isMessage(method, bytes)) assert.ok(code !== status.INTERNAL && code !== status.UNKNOWN, why)
  assert.ok(code !== status.UNAVAILABLE && code !== status.DEADLINE_EXCEEDED, why)
}

function isMessage(method: Method, bytes: Buffer): boolean {
  try {
    method.requestDeserialize(bytes)
    return true
  } catch {
    return false
  }
}

interface Ended {
  code: status
  details: string
}

/** One call with these bytes as its message. */
async function send(address: string, { path }: Method, bytes: Buffer): Promise<Ended> {
  const client = new Client(address, credentials.createInsecure())
  const asTheyAre = (sent: Buffer) => sent
  try {
    return await new Promise((resolve) => {
      client.makeUnaryRequest(
        path,
        asTheyAre,
        asTheyAre,
        bytes,
        { deadline: Date.now() + AMPLE_MS },
        (error: ServiceError | null) =>
          resolve(error ? { code: error.code, details: error.details } : { code: status.OK, details: '' }),
      )
    })
  } finally {
    client.close()
  }
}
