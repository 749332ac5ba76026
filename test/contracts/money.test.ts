import assert from 'node:assert/strict'
import fc from 'fast-check'
import { minorUnitsOf } from '../../contracts/money.ts'

/** The largest amount whose float32 still names it alone: 131,071.99. */
const LARGEST = 13_107_199

describe('a price of the goods service', () => {
  it('names its amount exactly, for every amount there is', () => {
    const wrong: number[] = []
    for (let amount = 0; amount <= LARGEST; amount++) {
      if (minorUnitsOf(Math.fround(amount / 100)) !== amount) wrong.push(amount)
    }
    assert.deepEqual(wrong, [])
  })

  it('is refused where it lies between two amounts', () => {
    for (const price of [0.001, 0.005, 19.995, 1_000.5049, 8_191.994]) {
      assert.equal(minorUnitsOf(Math.fround(price)), undefined, `${price}`)
    }
  })

  it('is one amount or refused, never rounded to a near one', () => {
    fc.assert(
      fc.property(fc.float({ min: 0, max: Math.fround(131_071.99), noNaN: true }), (price) => {
        const amount = minorUnitsOf(price)
        if (amount === undefined) return
        assert.ok(Number.isInteger(amount) && amount <= LARGEST)
        assert.equal(Math.fround(amount / 100), price)
      }),
    )
  })

  it('is refused where it is negative, no number, or so large that neighbouring amounts share a float', () => {
    for (const price of [-0.01, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 131_072, 131_072.01, 1e30]) {
      assert.equal(minorUnitsOf(price), undefined, `${price}`)
    }
    assert.equal(minorUnitsOf(131_071.99), LARGEST)
    assert.equal(Math.fround(131_072.01), Math.fround(131_072.015), 'why the limit is where it is')
  })
})
