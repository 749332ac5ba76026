import assert from 'node:assert/strict'
import type { GoodsSnapshot } from '../../activities/goods.ts'
import { refusalIn } from '../../contracts/failures.ts'
import { priceOrder } from '../../rules/price-order.ts'

const LINES = [1, 2, 3].map((goodsId) => ({ goodsId, num: goodsId * 10 }))

describe('pricing an order', () => {
  it('takes name, image and price of each goods as they are now, and the quantity as it was asked for', () => {
    assert.deepEqual(priceOrder(LINES, [goods(3), goods(1), goods(2), goods(4)]), [
      { goodsId: 1, name: 'goods 1', image: '/1.png', price: { amount: 100, currency: 'CNY' }, num: 10 },
      { goodsId: 2, name: 'goods 2', image: '/2.png', price: { amount: 200, currency: 'CNY' }, num: 20 },
      { goodsId: 3, name: 'goods 3', image: '/3.png', price: { amount: 300, currency: 'CNY' }, num: 30 },
    ])
  })

  it('takes goods without name, without image, and for nothing', () => {
    const bare = { ...goods(1), name: '', image: '', price: { amount: 0, currency: 'CNY' } }
    assert.equal(priceOrder([{ goodsId: 1, num: 1 }], [bare]).length, 1)
  })

  const offSale = { ...goods(2), onSale: false }
  const { price, ...unpriced } = goods(3)
  const refusals = [
    ['GoodsNotFound', 'that do not exist', [goods(2)], [1, 3]],
    ['GoodsOffSale', 'that are off sale', [goods(1), offSale, { ...goods(3), onSale: false }], [2, 3]],
    ['PriceNotExact', 'whose price is not an exact amount', [goods(1), goods(2), unpriced], [3]],
    ['GoodsNotFound', 'that do not exist, before it speaks of others off sale', [offSale, unpriced], [1]],
    ['GoodsOffSale', 'that are off sale, before it speaks of prices', [goods(1), offSale, unpriced], [2]],
  ] as const
  for (const [type, what, snapshots, goodsIds] of refusals) {
    it(`refuses goods ${what}, and names all of them`, () => {
      assert.throws(
        () => priceOrder(LINES, snapshots),
        (error) => {
          const refused = refusalIn(error)
          assert.deepEqual([refused?.type, refused?.details], [type, { goodsIds }])
          assert.match(refused?.message ?? '', new RegExp(`^goods ${goodsIds.join(', ')} `))
          return true
        },
      )
    })
  }
})

function goods(goodsId: number): Required<GoodsSnapshot> {
  return {
    goodsId,
    name: `goods ${goodsId}`,
    image: `/${goodsId}.png`,
    onSale: true,
    price: { amount: goodsId * 100, currency: 'CNY' },
  }
}
