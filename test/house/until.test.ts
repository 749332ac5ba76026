import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../e2e/faults/until.ts'

const STILL_MS = 300

describe('a wait of the tests', () => {
  it('lasts as long as what is found is new, however long that is', async () => {
    let open = 10
    const began = Date.now()
    await until(
      'nothing is open',
      async () => {
        await sleep(STILL_MS / 2)
        open--
        assert.equal(open, 0, `${open} are open`)
      },
      { stillMs: STILL_MS },
    )
    assert.ok(Date.now() - began > 3 * STILL_MS)
  })

  it('ends when looks find nothing new, and says what they found', async () => {
    let looks = 0
    const look = () => assert.fail(`${looks++ % 2} are open`)
    await assert.rejects(
      until('nothing is open', look, { stillMs: STILL_MS }),
      /nothing new in 0.3 s: nothing is open \([01] are open\)/,
    )
  })
})
