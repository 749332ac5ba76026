import assert from 'node:assert/strict'
import { median, percentile } from '../../bench/report/statistics.ts'

describe('figures of a bench', () => {
  it('take a percentile from the values themselves, by nearest rank', () => {
    const values = Array.from({ length: 200 }, (_, i) => i + 1)
    assert.deepEqual(
      [0, 0.5, 0.95, 0.99, 1].map((share) => percentile(values, share)),
      [1, 100, 190, 198, 200],
    )
    assert.deepEqual(
      [0.5, 0.95].map((share) => percentile([10, 20, 30, 40, 50], share)),
      [30, 50],
    )
    assert.ok(Number.isNaN(percentile([], 0.5)))
  })

  it('take the middle of an odd number of rounds, the mean of the middle two of an even one, and leave out what is missing', () => {
    assert.equal(median([9, 1, 5]), 5)
    assert.equal(median([4, 1, 2, 9]), 3)
    assert.equal(median([Number.NaN, 3, 1, 2]), 2)
    assert.ok(Number.isNaN(median([])))
  })
})
