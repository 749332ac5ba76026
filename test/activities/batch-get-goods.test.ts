import assert from 'node:assert/strict'
import { goodsActivities } from '../../activities/goods.ts'
import type { Activities } from '../../contracts/activities.ts'
import { failureIn } from '../../contracts/application-failure.ts'
import { GoodsInfoResponse, GoodsService } from '../../proto/generated/goods.ts'
import { priceOrder } from '../../workflows/price-order.ts'
import { listening } from '../clients/listening.ts'
import { missing, type Parts, startParts } from './parts.ts'

describe('batchGetGoods', () => {
  let parts: Parts
  let activities: Activities

  before(async () => {
    parts = await startParts()
    activities = parts.activities()
  })
  after(() => parts.stop())
  beforeEach(() => {
    parts.batches.length = 0
  })

  it('asks for each goods once, in calls of at most 100, and answers in goods-id order', async () => {
    const ids = Array.from({ length: 150 }, (_, i) => 150 - i)
    const goods = await activities.batchGetGoods([...ids, ...ids])
    assert.deepEqual(parts.batches, ['goods/BatchGetGoods 100', 'goods/BatchGetGoods 50'])
    assert.deepEqual(
      goods.map(({ goodsId }) => goodsId),
      ids.reverse(),
    )
  })

  it('leaves out goods that do not exist, and says which are off sale', async () => {
    const goods = await activities.batchGetGoods([200, 201, 1])
    assert.deepEqual(
      goods.map(({ goodsId, onSale }) => [goodsId, onSale]),
      [
        [1, true],
        [200, false],
      ],
    )
  })

  it('says what is left only of goods of orders that are refused anyway', async () => {
    await parts.stock.setStock(1, 3)
    const left = (goods: { goodsId: number; left?: number }[]) => goods.map(({ goodsId, left }) => [goodsId, left])
    assert.deepEqual(left(await activities.batchGetGoods([1, 2])), [
      [1, undefined],
      [2, undefined],
    ])
    assert.deepEqual(left(await activities.batchGetGoods([1, 2, 200, 201])), [
      [1, 3],
      [2, 10_000],
      [200, undefined],
    ])
    const request = (userId: number, goodsIds: number[]) => ({
      ...{ userId, requestId: `left ${userId}`, address: '1 Test Street', name: 'Somebody', mobile: '0100' },
      lines: goodsIds.map((goodsId) => ({ goodsId, num: 5 })),
    })
    const { goods } = await activities.prepareOrders([request(401, [1, 201]), request(402, [3, 4])])
    assert.deepEqual(left(goods.toSorted((a, b) => a.goodsId - b.goodsId)), [
      [1, 3],
      [3, undefined],
      [4, undefined],
    ])
  })

  it('cuts a name, and leaves out an image, that a thousand lines could not carry through Temporal', async () => {
    const long = '茶'.repeat(400)
    const shop = await goodsLike({ name: long, goodsFrontImage: `data:,${long}` }, { name: 'Tea', goodsFrontImage: '/tea.png' })
    const clients = missing(shop.address)
    try {
      const goods = await parts.activities({ goods: clients.goods }).batchGetGoods([1, 2])
      assert.deepEqual(
        goods.map(({ name, image }) => [name, image]),
        [
          ['茶'.repeat(333), ''],
          ['Tea', '/tea.png'],
        ],
      )
    } finally {
      clients.close()
      shop.stop()
    }
  })

  it('gives a price that is not one exact amount as none, so that pricing refuses it', async () => {
    const shop = await goodsLike(...[19.99, 0.001, -1, Number.NaN].map((shopPrice) => ({ shopPrice })))
    const clients = missing(shop.address)
    try {
      const goods = await parts.activities({ goods: clients.goods }).batchGetGoods([1, 2, 3, 4])
      assert.deepEqual(
        goods.map(({ price }) => price),
        [{ amount: 1999, currency: 'CNY' }, undefined, undefined, undefined],
      )
      const lines = goods.map(({ goodsId }) => ({ goodsId, num: 1 }))
      assert.throws(
        () => priceOrder(lines, goods),
        (error) => {
          const refused = failureIn(error)
          assert.deepEqual([refused?.type, refused?.details], ['PriceNotExact', { goodsIds: [2, 3, 4] }])
          return true
        },
      )
    } finally {
      clients.close()
      shop.stop()
    }
  })

  it('makes of a price the minor units that its currency has: 2 pieces at 1,500 yen are 3000', async () => {
    const shop = await goodsLike({ shopPrice: 1_500 }, { shopPrice: 0.125 }, { shopPrice: 200_000 })
    const clients = missing(shop.address)
    try {
      const pricesIn = async (currency: string) => {
        const goods = await parts.activities({ goods: clients.goods, currency }).batchGetGoods([1, 2, 3])
        return goods.map(({ price }) => price?.amount)
      }
      assert.deepEqual(await pricesIn('JPY'), [1_500, undefined, 200_000])
      assert.deepEqual(await pricesIn('CNY'), [150_000, undefined, 20_000_000])
      assert.deepEqual(await pricesIn('KWD'), [1_500_000, 125, 200_000_000])
      assert.deepEqual(await pricesIn('CLF'), [15_000_000, 1_250, 2_000_000_000])
    } finally {
      clients.close()
      shop.stop()
    }
  })

  it('sells nothing for nothing, unless the shop says so: proto3 sends 0 for a price that is absent', async () => {
    const shop = await goodsLike({ shopPrice: 0 }, {}, { shopPrice: 1 })
    const clients = missing(shop.address)
    try {
      const priced = async (freeGoods?: boolean) => {
        const other = freeGoods === undefined ? {} : { freeGoods }
        const goods = await parts.activities({ goods: clients.goods, ...other }).batchGetGoods([1, 2, 3])
        return priceOrder(
          [1, 2, 3].map((goodsId) => ({ goodsId, num: 1 })),
          goods,
        ).map(({ price }) => price.amount)
      }
      for (const never of [undefined, false]) {
        await assert.rejects(priced(never), (error) => {
          const refused = failureIn(error)
          assert.deepEqual([refused?.type, refused?.details], ['PriceNotExact', { goodsIds: [1, 2] }])
          assert.match(refused?.message ?? '', /^goods 1, 2 had the price 0/)
          return true
        })
      }
      assert.deepEqual(await priced(true), [0, 0, 100])
    } finally {
      clients.close()
      shop.stop()
    }
  })
})

describe('names and images of goods', () => {
  it('are taken without control characters: pages and terminals show them', async () => {
    const answer = { name: 'Te\u001b[2Ja\r\n\u0000\u009b', goodsFrontImage: 'https://shop.example/t\u0007ea.png' }
    const goods = { batchGetGoods: async () => [Object.assign(GoodsInfoResponse.decode(Buffer.of()), { id: 1, ...answer })] }
    const [tea] = await goodsActivities({ goods, currency: 'CNY' }).batchGetGoods([1])
    assert.deepEqual([tea?.name, tea?.image], ['Te[2Ja', 'https://shop.example/tea.png'])
  })
})

/** Goods 1, 2, … */
function goodsLike(...all: Partial<GoodsInfoResponse>[]) {
  return listening(GoodsService, {
    batchGetGoods: (call: { request: { id: number[] } }, done: (error: null, answer: object) => void) => {
      const data = call.request.id.map((id) =>
        Object.assign(GoodsInfoResponse.decode(Buffer.of()), { id, onSale: true }, all[id - 1]),
      )
      done(null, { total: data.length, data })
    },
  })
}
