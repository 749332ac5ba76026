import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Line, mergeLines } from '../../contracts/order.ts'

const lines = fc.array(fc.record({ goodsId: fc.integer({ min: 1, max: 9 }), num: fc.integer({ min: 1, max: 9_999 }) }))

describe('merged lines', () => {
  it('name each goods once, in goods-id order, with all of its pieces', () => {
    fc.assert(
      fc.property(lines, (asked) => {
        const merged = mergeLines(asked)
        const ids = merged.map(({ goodsId }) => goodsId)
        assert.deepEqual(
          ids,
          [...new Set(asked.map(({ goodsId }) => goodsId))].sort((a, b) => a - b),
        )
        for (const id of ids) assert.equal(piecesOf(id, merged), piecesOf(id, asked))
      }),
    )
  })

  it('are the same whatever the order they were asked in', () => {
    fc.assert(fc.property(lines, (asked) => assert.deepEqual(mergeLines([...asked].reverse()), mergeLines(asked))))
  })
})

function piecesOf(id: number, lines: Line[]): number {
  return lines.filter(({ goodsId }) => goodsId === id).reduce((sum, { num }) => sum + num, 0)
}
