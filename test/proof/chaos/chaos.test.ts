import assert from 'node:assert/strict'
import { tempDir } from '../../support/temp-dir.ts'
import { describeFault, type FaultEvent } from './fault-event.ts'
import { runChaos } from './run-chaos.ts'

/** Another one by hand: `SEED=7 npx mocha test/proof/chaos/chaos.test.ts`; longer ones are `npm run chaos`. */
const SEED = Number(process.env.SEED ?? 1)
const SECONDS = 20
const ORDERS = 200

/** One of each sort, close together: the whole of a long run's faults would not fit into a minute. */
const FAULTS: FaultEvent[] = [
  { atMs: 2_000, do: 'kill', part: 'lane' },
  { atMs: 3_000, do: 'calls', service: 'inventory', how: 'reply lost', share: 0.5, forMs: 2_000 },
  { atMs: 5_500, do: 'kill', part: 'postgres' },
  { atMs: 7_000, do: 'pause', part: 'worker-1', forMs: 6_000 },
  { atMs: 8_000, do: 'calls', service: 'goods', how: 'unavailable', share: 0.5, forMs: 1_000 },
  { atMs: 9_000, do: 'silence', way: 'postgres', forMs: 1_000 },
  { atMs: 11_000, do: 'kill', part: 'temporal' },
  { atMs: 13_000, do: 'delay', way: 'temporal', byMs: 100, forMs: 2_000 },
  { atMs: 15_000, do: 'cut', way: 'postgres', forMs: 1_000 },
  { atMs: 16_000, do: 'calls', service: 'inventory', how: 'twice', share: 1, forMs: 2_000 },
]

describe('a shop in which everything fails', () => {
  it('keeps every promise', async () => {
    await keepsEveryPromise(FAULTS, true)
  })

  it('keeps every promise before an inventory without keys, of which no order is sold twice, and only doubtful ones may be lost', async () => {
    const mayBe = ({ do: what, ...fault }: FaultEvent) => what !== 'calls' || !('how' in fault) || fault.how !== 'twice'
    await keepsEveryPromise(FAULTS.filter(mayBe), false)
  })

  async function keepsEveryPromise(faults: FaultEvent[], keyed: boolean): Promise<void> {
    const lines: string[] = []
    const result = await runChaos({
      ...{ seed: SEED, seconds: SECONDS, orders: ORDERS, faults, keyed, dataDir: await tempDir() },
      log: (line) => lines.push(line),
    })
    assert.deepEqual(result.violations, [], lines.join('\n'))
    assert.deepEqual(
      result.inflicted.filter(({ problem }) => problem),
      [],
    )
    assert.deepEqual(result.inflicted.map(({ event }) => describeFault(event)).sort(), faults.map(describeFault).sort())
    // How many is the machine's business.
    assert.ok(
      result.asked.some(({ told }) => told.some(({ kind }) => kind === 'created')),
      'no order was created at all',
    )
    const { payments, orders } = result.books
    assert.ok(
      payments.some(({ outcome }) => outcome === 'accepted'),
      'no order was paid',
    )
    assert.ok(
      orders.some(({ isConfirmed, closedFor }) => isConfirmed && closedFor !== null),
      'no order was closed after it had been created',
    )
  }
})
