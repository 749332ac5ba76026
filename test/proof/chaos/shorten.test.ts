import assert from 'node:assert/strict'
import fc from 'fast-check'
import { shorten } from './shorten.ts'

describe('a schedule that fails', () => {
  it('is shortened to exactly the events that it takes, whichever they are', async () => {
    const schedules = fc.integer({ min: 1, max: 30 }).chain((length) =>
      fc.record({
        length: fc.constant(length),
        needed: fc.uniqueArray(fc.nat({ max: length - 1 }), { minLength: 1, maxLength: 3 }),
      }),
    )
    await fc.assert(
      fc.asyncProperty(schedules, async ({ length, needed }) => {
        const events = Array.from({ length }, (_, i) => i)
        const found = await shorten(events, async (some) => needed.every((one) => some.includes(one)), 10_000)
        assert.deepEqual(
          found,
          [...needed].sort((a, b) => a - b),
        )
      }),
    )
  })

  it('is run no more often than it may, and what was found by then still fails', async () => {
    let runs = 0
    const found = await shorten(
      Array.from({ length: 64 }, (_, i) => i),
      async (some) => {
        runs++
        return some.includes(13)
      },
      4,
    )
    assert.equal(runs, 4)
    assert.ok(found.includes(13) && found.length < 64, `${found.length} are left`)
  })

  it('stays as it is when no part of it fails', async () => {
    assert.deepEqual(await shorten([1, 2, 3], async () => false, 100), [1, 2, 3])
  })
})
