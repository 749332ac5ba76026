import assert from 'node:assert/strict'
import { Registry } from 'prom-client'
import { MISMATCHES, type MismatchKind } from '../../contracts/reconciliation.ts'
import { watchReconciliation } from '../../telemetry/reconciliation-metrics.ts'

const unexplained = Object.fromEntries(
  Object.keys(MISMATCHES).map((kind) => [
    kind,
    { units: kind === 'never-sold' ? 7 : 0, findings: kind === 'no-tombstone' ? 2 : 0 },
  ]),
) as Record<MismatchKind, { units: number; findings: number }>

describe('the metrics of the reconciliation', () => {
  it('are of one moment: the last summary is read once for each scrape, and anew for the next', async () => {
    let reads = 0
    const registry = watched(async () => ({ summary: { orders: 1, unexplained, orderSns: [] }, ageSeconds: 10 * ++reads }))
    for (const age of [10, 20]) {
      const page = await registry.metrics()
      assert.match(page, new RegExp(`^inventory_reconciliation_age_seconds ${age}$`, 'm'))
      assert.match(page, /^inventory_unexplained_units\{kind="never-sold"\} 7$/m)
      assert.match(page, /^inventory_unexplained_findings\{kind="no-tombstone"\} 2$/m)
      assert.match(page, /^orders_in_doubt 3$/m)
    }
    assert.equal(reads, 2)
  })

  it('say how many orders in doubt the stock decides, and why not the others; nothing by a summary of before', async () => {
    const doubts = { proposed: 4, undecided: { ambiguous: 2 } }
    const page = await watched(async () => ({
      summary: { orders: 1, unexplained, orderSns: [], doubts },
      ageSeconds: 1,
    })).metrics()
    assert.match(page, /^orders_in_doubt_proposed 4$/m)
    assert.match(page, /^orders_in_doubt_undecided\{reason="ambiguous"\} 2$/m)
    assert.match(page, /^orders_in_doubt_undecided\{reason="in-flight"\} 0$/m)
    const old = await watched(async () => ({ summary: { orders: 1, unexplained, orderSns: [] }, ageSeconds: 1 })).metrics()
    assert.doesNotMatch(old, /^orders_in_doubt_(proposed|undecided)/m)
  })

  it('have no sample before the first comparison, nor while the store cannot be read', async () => {
    const away = async () => {
      throw new Error('connection refused')
    }
    for (const lastSummary of [async () => undefined, away]) {
      const page = await watched(lastSummary, away).metrics()
      assert.doesNotMatch(page, /^[^#\n]/m)
    }
  })
})

type Store = Parameters<typeof watchReconciliation>[1]

function watched(lastSummary: Store['lastSummary'], countInDoubt: Store['countInDoubt'] = async () => 3): Registry {
  const registry = new Registry()
  watchReconciliation(registry, { lastSummary, countInDoubt })
  return registry
}
