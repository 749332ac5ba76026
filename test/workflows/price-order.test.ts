import assert from 'node:assert/strict'
import { failureIn } from '../../contracts/application-failure.ts'
import type { GoodsSnapshot } from '../../contracts/steps.ts'
import { priceOrder } from '../../workflows/price-order.ts'

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
    ['PriceNotExact', 'whose price is 0', [goods(1), goods(2), { ...unpriced, free: true }], [3]],
  ] as const
  for (const [type, what, snapshots, goodsIds] of refusals) {
    it(`refuses goods ${what}, and names all of them`, () => {
      assert.throws(
        () => priceOrder(LINES, snapshots),
        (error) => {
          const refused = failureIn(error)
          assert.deepEqual([refused?.type, refused?.details], [type, { goodsIds }])
          assert.match(refused?.message ?? '', new RegExp(`^goods ${goodsIds.join(', ')} `))
          return true
        },
      )
    })
  }

  it('names all that is wrong with an order at once, by its most severe failure', () => {
    const lines = [1, 2, 3, 4, 5].map((goodsId) => ({ goodsId, num: 1 }))
    const snapshots = [goods(1), { ...unpriced, goodsId: 2, onSale: false }, unpriced, { ...unpriced, goodsId: 5, free: true }]
    const refused = refusalOf(() => priceOrder(lines, snapshots))
    assert.equal(refused?.type, 'GoodsNotFound')
    assert.deepEqual(refused?.details, {
      goodsIds: [4],
      problems: [
        { failure: 'GoodsNotFound', goodsIds: [4] },
        { failure: 'GoodsOffSale', goodsIds: [2] },
        { failure: 'PriceNotExact', goodsIds: [2, 3, 5] },
      ],
    })
    assert.match(
      refused?.message ?? '',
      /^goods 4 did not exist; goods 2 were off sale; goods 5 had the price 0, .*; goods 2, 3 had a price that was no exact amount: /,
    )
    const two = refusalOf(() => priceOrder(lines.slice(0, 3), snapshots))
    assert.deepEqual([two?.type, two?.details.goodsIds], ['GoodsOffSale', [2]])
  })

  it('names what is short beside what else is wrong, and leaves it to the inventory otherwise', () => {
    const short = { ...goods(1), left: 9 }
    assert.equal(priceOrder(LINES, [short, goods(2), goods(3)]).length, 3)
    const refused = refusalOf(() => priceOrder(LINES, [short, { ...goods(2), left: 20 }]))
    assert.deepEqual(refused?.details, {
      goodsIds: [3],
      problems: [
        { failure: 'GoodsNotFound', goodsIds: [3] },
        { failure: 'InsufficientStock', goodsIds: [1] },
      ],
    })
    assert.match(refused?.message ?? '', /^goods 3 did not exist; goods 1 were short: /)
  })

  it('names no more than ten goods of a kind in its words, and all in its details', () => {
    const lines = Array.from({ length: 1_000 }, (_, i) => ({ goodsId: i + 1, num: 1 }))
    const refused = refusalOf(() => priceOrder(lines, []))
    assert.match(refused?.message ?? '', /^goods 1, 2, .*, 10 and 990 more did not exist: /)
    assert.deepEqual(
      refused?.details.goodsIds,
      lines.map(({ goodsId }) => goodsId),
    )
  })

  it('counts the total exactly, or refuses it', () => {
    const at = (amount: number, num: number) =>
      priceOrder([{ goodsId: 1, num }], [{ ...goods(1), price: { amount, currency: 'CNY' } }])
    assert.equal(at(Number.MAX_SAFE_INTEGER, 1).length, 1)
    for (const [amount, num] of [
      [Number.MAX_SAFE_INTEGER, 2],
      [2 ** 52, 9_999],
    ] as const) {
      const refused = refusalOf(() => at(amount, num))
      assert.deepEqual([refused?.type, refused?.details], ['PriceNotExact', { goodsIds: [1] }])
      assert.match(refused?.message ?? '', /^goods 1 cost more in all than could be counted exactly: /)
    }
  })

  it('refuses an order that comes to something else than its buyer agreed to, and names each line with its price now', () => {
    const total = { amount: 10 * 100 + 20 * 200 + 30 * 300, currency: 'CNY' }
    const snapshots = [goods(1), goods(2), goods(3)]
    assert.deepEqual(priceOrder(LINES, snapshots, total), priceOrder(LINES, snapshots))
    for (const other of [
      { ...total, amount: total.amount - 1 },
      { ...total, amount: total.amount + 1 },
      { ...total, currency: 'EUR' },
    ]) {
      const refused = refusalOf(() => priceOrder(LINES, snapshots, other))
      assert.deepEqual([refused?.type, refused?.code], ['PriceChanged', 10031])
      assert.deepEqual(refused?.details, {
        expectedTotal: other,
        total,
        prices: LINES.map(({ goodsId, num }) => ({ goodsId, num, price: { amount: goodsId * 100, currency: 'CNY' } })),
      })
      assert.match(
        refused?.message ?? '',
        /^the order came to 14000 minor units of CNY, its buyer had agreed to \d+ of [A-Z]{3}: /,
      )
    }
  })

  it('names goods that can not be sold before the price of the others', () => {
    const refused = refusalOf(() => priceOrder(LINES, [goods(1), offSale, goods(3)], { amount: 1, currency: 'CNY' }))
    assert.deepEqual([refused?.type, refused?.details], ['GoodsOffSale', { goodsIds: [2] }])
  })

  it('takes an order for nothing if its buyer agreed to that, and refuses one who agreed to more', () => {
    const free = { ...goods(1), price: { amount: 0, currency: 'CNY' } }
    const line = [{ goodsId: 1, num: 1 }]
    assert.equal(priceOrder(line, [free], { amount: 0, currency: 'CNY' }).length, 1)
    assert.equal(refusalOf(() => priceOrder(line, [free], { amount: 1, currency: 'CNY' }))?.type, 'PriceChanged')
  })
})

function refusalOf(priced: () => unknown) {
  try {
    priced()
  } catch (error) {
    return failureIn(error)
  }
  return assert.fail('it was priced')
}

function goods(goodsId: number): Required<Omit<GoodsSnapshot, 'free' | 'left'>> {
  return {
    goodsId,
    name: `goods ${goodsId}`,
    image: `/${goodsId}.png`,
    onSale: true,
    price: { amount: goodsId * 100, currency: 'CNY' },
  }
}
