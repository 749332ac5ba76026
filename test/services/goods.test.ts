import assert from 'node:assert/strict'
import { credentials, status } from '@grpc/grpc-js'
import pino from 'pino'
import { minorUnitsOf } from '../../contracts/money.ts'
import { GoodsClient, type GoodsInfoResponse, type GoodsListResponse } from '../../proto/generated/goods.ts'
import type { RunningService } from '../../rpc/server/serve.ts'
import { startGoods } from '../../services/goods/goods-service.ts'
import { answer, refusalOf } from './grpc-call.ts'

describe('the reference Goods', () => {
  let service: RunningService
  let client: GoodsClient
  const batch = (id: number[]) => answer<GoodsListResponse>((done) => client.batchGetGoods({ id }, done))

  before(async () => {
    service = await startGoods({ setting: 'GOODS_ADDR', address: '127.0.0.1:0' }, pino({ level: 'silent' }))
    client = new GoodsClient(service.address, credentials.createInsecure())
  })
  after(async () => {
    client.close()
    await service.stop()
  })

  it('leaves out goods that do not exist, and gives equal ids once', async () => {
    const { total, data } = await batch([3, 201, 1, 3, 0, -1])
    assert.equal(total, 2)
    assert.deepEqual(
      data.map(({ id }) => id),
      [1, 3],
    )
  })

  it('answers no ids with no goods', async () => {
    assert.deepEqual(await batch([]), { total: 0, data: [] })
  })

  it('has 200 goods with a name, an image and a price that is one exact amount; 196 to 200 are off sale', async () => {
    const { data } = await batch(Array.from({ length: 300 }, (_, i) => i))
    assert.equal(data.length, 200)
    assert.equal(new Set(data.map(({ name }) => name)).size, 200)
    for (const { id, name, goodsFrontImage, shopPrice, onSale } of data) {
      assert.ok(name && goodsFrontImage, `goods ${id}`)
      assert.ok((minorUnitsOf(shopPrice, 2) ?? 0) > 0, `goods ${id} cost ${shopPrice}`)
      assert.equal(onSale, id < 196)
    }
    assert.equal(minorUnitsOf(data[189]?.shopPrice ?? 0, 2), 13_107_199)
  })

  it('has prices that are exact amounts of the currency that it is asked for', async () => {
    for (const digits of [0, 2, 3]) {
      const priced = await startGoods({ setting: 'GOODS_ADDR', address: '127.0.0.1:0' }, pino({ level: 'silent' }), digits)
      const its = new GoodsClient(priced.address, credentials.createInsecure())
      const { data } = await answer<GoodsListResponse>((done) => its.batchGetGoods({ id: [1, 2, 189] }, done))
      its.close()
      await priced.stop()
      assert.deepEqual(
        data.map(({ shopPrice }) => minorUnitsOf(shopPrice, digits)),
        [1, 2, 189].map((id) => 199 + ((id * 7_919) % 49_800)),
      )
    }
  })

  it('tells one of the goods in detail, and NOT_FOUND of none', async () => {
    const goods = await answer<GoodsInfoResponse>((done) => client.getGoodsDetail({ id: 7 }, done))
    assert.deepEqual(goods, (await batch([7])).data[0])
    assert.equal((await refusalOf(answer((done) => client.getGoodsDetail({ id: 201 }, done)))).code, status.NOT_FOUND)
  })

  it('answers HealthCheck', async () => {
    assert.deepEqual(await answer((done) => client.healthCheck({}, done)), {})
  })
})
