import assert from 'node:assert/strict'
import fc from 'fast-check'
import { minorUnitsOf } from '../../contracts/money.ts'
import { moneyText } from '../../contracts/money-text.ts'

const DIGITS = [0, 2, 3, 4]
/** Amounts below which neighbouring float32 values lie closer than one minor unit: 2^24, 2^17, 2^14 and 2^10. */
const EVERY_AMOUNT_BELOW: Record<number, number> = { 0: 16_777_216, 2: 131_072, 3: 16_384, 4: 1_024 }

describe('a price of the goods service', () => {
  it('says its amount exactly, every cent below 131,072.00', () => {
    const wrong: number[] = []
    for (let amount = 0; amount <= 13_107_200; amount++) {
      if (minorUnitsOf(Math.fround(amount / 100), 2) !== amount) wrong.push(amount)
    }
    assert.deepEqual(wrong, [])
  })

  it('says any amount of any minor unit, as far as neighbouring floats lie closer than that unit', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DIGITS), fc.double({ min: 0, max: 1, noNaN: true }), (digits, share) => {
        const scale = 10 ** digits
        const amount = Math.floor(share * (EVERY_AMOUNT_BELOW[digits] ?? 0) * scale)
        assert.equal(minorUnitsOf(Math.fround(amount / scale), digits), amount)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is an amount of its currency: yen have no hundredths, dinars have thousandths', () => {
    const said = [1_500, 0.5, 1_500.25, 1.25, 1.255, 0.0001].map((price) =>
      DIGITS.map((digits) => minorUnitsOf(Math.fround(price), digits)),
    )
    assert.deepEqual(said, [
      [1_500, 150_000, 1_500_000, 15_000_000],
      [undefined, 50, 500, 5_000],
      [undefined, 150_025, 1_500_250, 15_002_500],
      [undefined, 125, 1_250, 12_500],
      [undefined, undefined, 1_255, 12_550],
      [undefined, undefined, undefined, 1],
    ])
  })

  it('is sold above that limit too, if its float is a whole number of minor units or the image of one amount alone', () => {
    const sold: [price: number, digits: number, amount: number][] = [
      [131_072, 2, 13_107_200],
      [131_072.25, 2, 13_107_225],
      [131_072.03, 2, 13_107_203],
      [200_000, 2, 20_000_000],
      [262_144.25, 2, 26_214_425],
      [1_000_000, 2, 100_000_000],
      [16_777_218, 2, 1_677_721_800],
      [16_777_218, 0, 16_777_218],
      [20_000_000, 0, 20_000_000],
      [16_384.5, 3, 16_384_500],
      [1_024.5, 4, 10_245_000],
    ]
    for (const [price, digits, amount] of sold) assert.equal(minorUnitsOf(Math.fround(price), digits), amount, `${price}`)
    // Two amounts have this float, and it is neither.
    assert.equal(Math.fround(131_072.01), Math.fround(131_072.02))
    assert.equal(minorUnitsOf(Math.fround(131_072.01), 2), undefined)
  })

  it('is exactly what was sent, or the one amount with that float, or refused: never rounded to a near one', () => {
    fc.assert(
      fc.property(fc.constantFrom(...DIGITS), anyFloat(), (digits, price) => {
        const scale = 10 ** digits
        const amount = minorUnitsOf(price, digits)
        // Judged by integers without a limit, from the bits of the float.
        const near = nearAmounts(price, scale)
        const exact = near.filter((one) => isExactly(price, one, scale))
        const images = near.filter((one) => Math.fround(Number(one) / scale) === price)
        const right = exact.length === 1 ? exact : images.length === 1 ? images : []
        const counted = right.filter((one) => one >= 0n && one <= BigInt(Number.MAX_SAFE_INTEGER)).map(Number)
        assert.deepEqual(amount === undefined ? [] : [amount], price >= 0 ? counted : [])
      }),
      { numRuns: 20_000 },
    )
  })

  it('is refused if it lies between two amounts', () => {
    for (const price of [0.001, 0.005, 19.995, 1_000.5049, 8_191.994]) {
      assert.equal(minorUnitsOf(Math.fround(price), 2), undefined, `${price}`)
    }
  })

  it('is refused if it is negative, no number, or more minor units than can be counted', () => {
    const never = [-0.01, -1, -131_072, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e30, 2 ** 127]
    for (const digits of DIGITS) {
      for (const price of never) assert.equal(minorUnitsOf(Math.fround(price), digits), undefined, `${price}`)
    }
    assert.equal(minorUnitsOf(2 ** 53, 0), undefined)
  })

  it('is 0 if it is 0, whatever its sign', () => {
    assert.deepEqual([minorUnitsOf(0, 2), minorUnitsOf(-0, 2)], [0, 0])
  })
})

describe('an amount as people read it', () => {
  it('has the decimals of its currency', () => {
    const texts = (
      [
        [1_999, 'CNY'],
        [5, 'EUR'],
        [0, 'USD'],
        [3_000, 'JPY'],
        [0, 'KRW'],
        [1_250, 'KWD'],
        [7, 'BHD'],
        [10_245, 'CLF'],
        [-150, 'CNY'],
        [Number.MAX_SAFE_INTEGER, 'CNY'],
      ] as const
    ).map(([amount, currency]) => moneyText({ amount, currency }))
    assert.deepEqual(texts, [
      ...['19.99 CNY', '0.05 EUR', '0.00 USD', '3000 JPY', '0 KRW', '1.250 KWD', '0.007 BHD', '1.0245 CLF', '-1.50 CNY'],
      '90071992547409.91 CNY',
    ])
  })

  it('of a code that is none, as an older build may have stored it, is shown as it is stored', () => {
    assert.equal(moneyText({ amount: 1_999, currency: 'ZZZ' }), '1999 minor units of ZZZ')
    assert.equal(moneyText({ amount: 1_999, currency: '' }), '1999 minor units of no currency')
  })
})

/** Float32 values near amounts, near powers of two, and anywhere. */
function anyFloat() {
  const neighbour = fc.tuple(
    fc.integer({ min: 0, max: 2 ** 31 }),
    fc.constantFrom(1, 100, 1_000, 10_000),
    fc.integer({ min: -2, max: 2 }),
  )
  return fc.oneof(
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ min: 0, max: Math.fround(1e7), noNaN: true }),
    neighbour.map(([amount, scale, steps]) => stepped(Math.fround(amount / scale), steps)),
    fc
      .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: -2, max: 2 }))
      .map(([power, steps]) => stepped(2 ** power, steps)),
  )
}

/** The float32 so many steps further. */
function stepped(price: number, steps: number): number {
  const bits = new DataView(new ArrayBuffer(4))
  bits.setFloat32(0, price)
  bits.setInt32(0, Math.max(0, bits.getInt32(0) + steps))
  return bits.getFloat32(0)
}

/** The amounts around a price. */
function nearAmounts(price: number, scale: number): bigint[] {
  const middle = BigInt(Math.round(price)) * BigInt(scale) + BigInt(Math.round((price - Math.round(price)) * scale))
  return [-2n, -1n, 0n, 1n, 2n].map((step) => middle + step)
}

/** Returns true if price × scale is that amount without any rounding: a float32 is a whole number of 2^-149. */
function isExactly(price: number, amount: bigint, scale: number): boolean {
  const [whole, below] = [BigInt(Math.trunc(price)), price - Math.trunc(price)]
  const unit = 1n << 149n
  let parts = 0n
  let rest = below
  for (let bit = 148n; rest !== 0; bit--) {
    rest *= 2
    if (Math.abs(rest) >= 1) {
      parts += BigInt(Math.trunc(rest)) << bit
      rest -= Math.trunc(rest)
    }
  }
  return (whole * unit + parts) * BigInt(scale) === amount * unit
}
