import assert from 'node:assert/strict'
import fc from 'fast-check'
import { mergeLines } from '../../contracts/order.ts'
import { type Solution, solveDoubts, type Unknown } from '../../reconciliation/solve-doubts.ts'

const SOLD: Solution = { kind: 'decided', isSold: true }
const NOT_SOLD: Solution = { kind: 'decided', isSold: false }

describe('the arithmetic of doubts', () => {
  it('decides one order by what is missing of its goods', () => {
    for (const [missing, solution] of [
      [2, SOLD],
      [0, NOT_SOLD],
      [1, { kind: 'contradicted' }],
      [-2, { kind: 'contradicted' }],
      [4, { kind: 'contradicted' }],
    ] as const) {
      assert.deepEqual(solved([{ orderSn: 'A', lines: [{ goodsId: 1, num: 2 }] }], [[1, missing]]), { A: solution })
    }
  })

  it('tells orders that share goods apart by their quantities, and by other goods', () => {
    const shared = [order('A', [1, 2]), order('B', [1, 3])]
    assert.deepEqual(solved(shared, [[1, 3]]), { A: NOT_SOLD, B: SOLD })
    const alike = [order('A', [1, 1], [2, 1]), order('B', [1, 1], [3, 1])]
    assert.deepEqual(
      solved(alike, [
        [1, 1],
        [3, 1],
      ]),
      { A: NOT_SOLD, B: SOLD },
    )
  })

  it('decides what is the same in every choice that explains the stock, and nothing else', () => {
    const orders = [order('A', [1, 1]), order('B', [1, 1]), order('C', [1, 5])]
    const either: Solution = { kind: 'ambiguous' }
    assert.deepEqual(solved(orders, [[1, 6]]), { A: either, B: either, C: SOLD })
    assert.deepEqual(solved(orders, [[1, 7]]), { A: SOLD, B: SOLD, C: SOLD })
  })

  it('says nothing of an order none of whose goods is known', () => {
    assert.deepEqual(solved([order('A', [1, 1]), order('B', [2, 1])], [[1, 1]]), { A: SOLD })
  })

  it('gives up what has too many choices, and only that', () => {
    // Even numbers never add up to an odd one: every choice has to be looked at.
    const orders = Array.from({ length: 40 }, (_, i) => order(`A${i}`, [1, 2 * (i + 1)]))
    const { B, ...others } = solved(
      [...orders, order('B', [2, 1])],
      [
        [1, 401],
        [2, 1],
      ],
    )
    assert.deepEqual(B, SOLD)
    assert.deepEqual(new Set(Object.values(others).map(({ kind }) => kind)), new Set(['unfinished']))
  })

  const worlds = fc.array(
    fc.record({
      isSold: fc.boolean(),
      lines: fc.array(fc.record({ goodsId: fc.integer({ min: 1, max: 6 }), num: fc.integer({ min: 1, max: 4 }) }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { maxLength: 9 },
  )

  it('says of every order what trying all choices says', () => {
    fc.assert(
      fc.property(worlds, fc.array(fc.integer({ min: 1, max: 6 })), fc.integer({ min: -1, max: 1 }), (world, unheard, off) => {
        const orders = world.map(({ lines }, i) => ({ orderSn: `O${i}`, lines: mergeLines(lines) }))
        const missing = new Map<number, number>()
        for (const { lines } of orders) for (const { goodsId } of lines) missing.set(goodsId, 0)
        for (const [i, { isSold }] of world.entries()) {
          for (const { goodsId, num } of isSold ? (orders[i]?.lines ?? []) : []) {
            missing.set(goodsId, (missing.get(goodsId) ?? 0) + num)
          }
        }
        for (const goodsId of unheard) missing.delete(goodsId)
        const [first] = missing.keys()
        if (first !== undefined) missing.set(first, (missing.get(first) ?? 0) + off)
        assert.deepEqual(Object.fromEntries(solveDoubts(orders, missing)), byAllChoices(orders, missing))
      }),
      { numRuns: 2_000 },
    )
  })
})

function order(orderSn: string, ...lines: [goodsId: number, num: number][]): Unknown {
  return { orderSn, lines: lines.map(([goodsId, num]) => ({ goodsId, num })) }
}

function solved(orders: Unknown[], missing: [number, number][]): Record<string, Solution> {
  return Object.fromEntries(solveDoubts(orders, new Map(missing)))
}

/** The same by brute force; an order's component is what its goods reach. */
function byAllChoices(orders: readonly Unknown[], missing: ReadonlyMap<number, number>): Record<string, Solution> {
  const heard = (order: Unknown) => order.lines.filter(({ goodsId }) => missing.has(goodsId))
  const reach = (from: Unknown) => {
    const reached = new Set([from])
    for (const one of reached) {
      for (const other of orders) {
        if (heard(other).some(({ goodsId }) => heard(one).some((line) => line.goodsId === goodsId))) reached.add(other)
      }
    }
    return [...reached]
  }
  const answers: Record<string, Solution> = {}
  for (const order of orders) {
    if (heard(order).length === 0) continue
    const component = reach(order)
    const goods = new Set(component.flatMap((one) => heard(one).map(({ goodsId }) => goodsId)))
    const verdicts = new Set<boolean>()
    for (let choice = 0; choice < 2 ** component.length; choice++) {
      const sold = component.filter((_, i) => choice & (2 ** i))
      const pieces = (goodsId: number) =>
        sold.flatMap(({ lines }) => lines).reduce((sum, line) => sum + (line.goodsId === goodsId ? line.num : 0), 0)
      if ([...goods].every((goodsId) => pieces(goodsId) === missing.get(goodsId))) verdicts.add(sold.includes(order))
    }
    const [isSold] = verdicts
    answers[order.orderSn] =
      verdicts.size === 2 ? { kind: 'ambiguous' } : isSold === undefined ? { kind: 'contradicted' } : { kind: 'decided', isSold }
  }
  return answers
}
