import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { credentials, Metadata, type Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js'
import { SOLD_OUT_GOODS } from '../../bench/order-body.ts'
import { originalServices } from '../../bench/rows/original/original-services.ts'
import { type GoodsInvInfo, InventoryServiceClient, type SellInfo } from '../../proto/generated/inventory.ts'
import { until } from '../e2e/faults/until.ts'

const sellOf = (...goodsIds: number[]): SellInfo => ({
  orderSn: 'ONE',
  goodsInvInfo: goodsIds.map((goodsId) => ({ goodsId, num: 1 })),
})

describe("the bench's stand-in for the original's services", () => {
  let server: Server
  let client: InventoryServiceClient
  before(async () => {
    server = originalServices()
    const port = await new Promise<number>((resolve, reject) => {
      const done = (error: Error | null, bound: number) => (error ? reject(error) : resolve(bound))
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), done)
    })
    client = new InventoryServiceClient(`127.0.0.1:${port}`, credentials.createInsecure())
  })
  after(() => {
    client.close()
    server.forceShutdown()
  })

  const sell = (sale: SellInfo, deadlineMs = 60_000) =>
    new Promise<string>((resolve) => {
      const done = (error: ServiceError | null) => resolve(error ? `${status[error.code]} ${error.details}` : 'OK')
      client.sell(sale, new Metadata(), { deadline: Date.now() + deadlineMs }, done)
    })
  const stock = (goodsId: number) =>
    new Promise<number>((resolve, reject) => {
      client.getInventory({ goodsId, num: 0 }, (error, info: GoodsInvInfo) => (error ? reject(error) : resolve(info.num)))
    })

  it('looks at no order number: what is sent twice is sold twice', async () => {
    const before = await stock(1)
    assert.deepEqual([await sell(sellOf(1)), await sell(sellOf(1))], ['OK', 'OK'])
    assert.equal(await stock(1), before - 2)
  })

  it('sells nothing of an order of which it lacks one goods', async () => {
    const before = await stock(2)
    assert.equal(await sell(sellOf(2, SOLD_OUT_GOODS)), 'RESOURCE_EXHAUSTED 商品库存不足')
    assert.equal(await stock(2), before)
  })

  it('refuses who does not get the lock of a goods in time, and sells to all others', async () => {
    const before = await stock(3)
    const answers = await Promise.all(Array.from({ length: 500 }, () => sell(sellOf(3))))
    const sold = answers.filter((answer) => answer === 'OK').length
    assert.deepEqual(new Set(answers), new Set(['OK', 'INTERNAL 系统忙，请稍后重试']))
    assert.equal(await stock(3), before - sold)
  })

  it('locks out a Sell that names goods twice, and all that follow', async () => {
    assert.equal(await sell(sellOf(4, 4)), 'INTERNAL 系统忙，请稍后重试')
    assert.equal(await sell(sellOf(4)), 'INTERNAL 系统忙，请稍后重试')
    assert.equal(await sell(sellOf(5)), 'OK')
  })
  it('sells to callers who have given up, and leaves their goods locked', async () => {
    const many = sellOf(...Array.from({ length: 400 }, (_, i) => 501 + i))
    const before = await stock(501)
    await until('it is sold behind its deadline', async () => {
      assert.match(await sell(many, 300), /^DEADLINE_EXCEEDED/)
      await sleep(500)
      assert.equal(await stock(501), before - 1)
    })
    assert.equal(await sell(sellOf(501)), 'INTERNAL 系统忙，请稍后重试')
  })
})
