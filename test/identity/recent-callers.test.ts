import assert from 'node:assert/strict'
import { ANYBODY } from '../../contracts/caller.ts'
import { RecentCallers } from '../../identity/recent-callers.ts'

describe('callers of a moment ago', () => {
  const endsIn = (seconds: number) => Date.now() / 1_000 + seconds

  it('are known until their token ends, and for a minute at the most: its key may have been withdrawn', () => {
    let now = 5
    const recent = new RecentCallers(10, () => now)
    recent.set('short', ANYBODY, endsIn(30))
    recent.set('long', ANYBODY, endsIn(3_600))
    recent.set('over', ANYBODY, endsIn(-1))
    const known = () => ['short', 'long', 'over'].filter((hash) => recent.get(hash))
    assert.deepEqual(known(), ['short', 'long'])
    now += 30_000
    assert.deepEqual(known(), ['long'])
    now += 30_000
    assert.deepEqual(known(), [])
  })

  it('are so many and no more: who was verified first is forgotten first', () => {
    const recent = new RecentCallers(2)
    for (const hash of ['first', 'second', 'third']) recent.set(hash, ANYBODY, endsIn(60))
    assert.deepEqual(
      ['first', 'second', 'third'].filter((hash) => recent.get(hash)),
      ['second', 'third'],
    )
  })
})
