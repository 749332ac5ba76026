import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodedBytes } from '../../contracts/encoded-size.ts'
import { splitBySize } from '../../workflows/split-by-size.ts'

describe('splitBySize', () => {
  it('keeps every item in its order, and each part within the bound, unless one item alone is beyond it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 100 }), (items, maxBytes) => {
        const parts = splitBySize(items, maxBytes)
        assert.deepEqual(parts.flat(), items)
        for (const part of parts) {
          const bytes = part.reduce((sum, item) => sum + encodedBytes(item), 0)
          assert.ok(part.length === 1 || bytes <= maxBytes, JSON.stringify({ part, bytes, maxBytes }))
        }
      }),
    )
  })

  it('makes no more parts than it needs: two neighbours never fit into one', () => {
    assert.deepEqual(splitBySize(['aa', 'bb', 'cc'], 8), [['aa', 'bb'], ['cc']])
    assert.deepEqual(splitBySize([], 8), [])
  })
})
