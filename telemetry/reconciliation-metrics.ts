import { Gauge, type Registry } from 'prom-client'
import { MISMATCHES, type MismatchKind, UNDECIDED, type UndecidedWhy } from '../contracts/reconciliation.ts'
import type { ReconciliationStore } from '../store/reconciliation-store.ts'
import { readGauge } from './read-gauge.ts'
import { readOnce } from './read-once.ts'

const UNEXPLAINED = [
  ['units', 'Pieces that orders and inventory disagreed about when they were compared last, by kind'],
  ['findings', 'Disagreements of orders and inventory when they were compared last, each of an order or of one goods, by kind'],
] as const

/**
 * The gauges of the reconciliation, read from the store at each scrape: every worker shows the same, whichever of them
 * compared.
 */
export function watchReconciliation(registry: Registry, store: Pick<ReconciliationStore, 'lastSummary' | 'countInDoubt'>): void {
  const lastSummary = readOnce(() => store.lastSummary())
  readGauge(registry, 'orders_in_doubt', 'Orders of which nobody knows whether their stock was taken, or given back', () =>
    store.countInDoubt(),
  )
  // Not every disagreement has pieces: an order without a tombstone lacks none, until a late Sell takes them.
  for (const [of, help] of UNEXPLAINED) {
    new Gauge({
      name: `inventory_unexplained_${of}`,
      help,
      labelNames: ['kind'],
      registers: [registry],
      async collect() {
        this.reset()
        const last = await lastSummary().catch(() => undefined)
        if (!last) return
        // The kinds of this build, whatever an older one or a newer one stored.
        for (const kind of Object.keys(MISMATCHES) as MismatchKind[])
          this.set({ kind }, last.summary.unexplained[kind]?.[of] ?? 0)
      },
    })
  }
  readGauge(
    registry,
    'orders_in_doubt_proposed',
    'Orders in doubt of which the stock of their goods said the verdict when they were looked at last',
    async () => (await lastSummary())?.summary.doubts?.proposed,
  )
  new Gauge({
    name: 'orders_in_doubt_undecided',
    help: 'Orders in doubt of which the stock of their goods said nothing when they were looked at last, by the reason',
    labelNames: ['reason'],
    registers: [registry],
    async collect() {
      this.reset()
      const doubts = (await lastSummary().catch(() => undefined))?.summary.doubts
      if (!doubts) return
      for (const reason of Object.keys(UNDECIDED) as UndecidedWhy[]) this.set({ reason }, doubts.undecided[reason] ?? 0)
    },
  })
  readGauge(
    registry,
    'inventory_reconciliation_age_seconds',
    'Since orders and inventory were compared last',
    async () => (await lastSummary())?.ageSeconds,
  )
}
