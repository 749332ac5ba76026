import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { tempDir } from '../../support/temp-dir.ts'
import { readBooks, readStock } from './books.ts'
import { ChaosShop } from './chaos-shop.ts'
import { assertOneOrderEach, Clickers } from './clickers.ts'
import { describeFault, type FaultEvent } from './fault-event.ts'
import { calm, inflict } from './inflict.ts'
import { judgeBooks } from './judge.ts'
import { untilQuiet } from './until-quiet.ts'

const USERS = Array.from({ length: 12 }, (_, i) => 401 + i)
const GOODS = [31, 32, 33, 34]
const STILL_MS = 180_000

const FAULTS: FaultEvent[] = [
  { atMs: 1_500, do: 'kill', part: 'lane' },
  { atMs: 3_000, do: 'calls', service: 'inventory', how: 'reply lost', share: 0.5, forMs: 2_000 },
  { atMs: 5_000, do: 'kill', part: 'single' },
  { atMs: 6_500, do: 'kill', part: 'postgres' },
  { atMs: 9_000, do: 'silence', way: 'postgres', forMs: 1_000 },
  { atMs: 11_000, do: 'cut', way: 'temporal', forMs: 1_500 },
  { atMs: 13_000, do: 'kill', part: 'worker-1' },
  { atMs: 14_000, do: 'cut', way: 'postgres', forMs: 1_000 },
  { atMs: 16_000, do: 'kill', part: 'lane' },
]

describe('clicks without a key while everything fails', () => {
  it('are one order each, over gRPC and HTTP, doubled and repeated', async () => {
    const lines: string[] = []
    const shop = await ChaosShop.start(await tempDir(), (line) => lines.push(line))
    const clickers = new Clickers(shop, GOODS)
    try {
      const initial = await readStock(shop)
      let isStormy = true
      const users = USERS.map((userId) => clickers.click(userId, () => isStormy))
      const began = performance.now()
      await Promise.all(
        FAULTS.map(async (event) => {
          await sleep(event.atMs - (performance.now() - began))
          await inflict(shop, event).catch((error: Error) => lines.push(`${describeFault(event)}: ${error.message}`))
        }),
      )
      await calm(shop)
      isStormy = false
      await Promise.all(users)
      assert.deepEqual(await untilQuiet(shop, STILL_MS), [])
      await assertOneOrderEach(shop, clickers.clicks)
      assert.deepEqual(judgeBooks(await readBooks(shop), initial), [], lines.join('\n'))
      const { length } = clickers.clicks
      const lost = clickers.clicks.reduce((sum, click) => sum + click.lost, 0)
      assert.ok(length >= USERS.length && lost > 0, `${length} clicks, ${lost} answers lost: nothing was tried`)
      if (process.env.SAY)
        console.log(`${length} clicks, ${lost} answers lost, refused ${clickers.clicks.flatMap(({ refused }) => refused)}`)
    } finally {
      clickers.close()
      await shop.stop()
    }
  })
})
