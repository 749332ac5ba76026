import { Gauge, type Registry } from 'prom-client'
import { MISMATCHES, type MismatchKind } from '../contracts/reconciliation.ts'
import type { ReconciliationStore } from '../store/reconciliation-store.ts'

/**
 * The gauges of the reconciliation, read from the store at each scrape: every worker shows the same, whichever of them
 * compared. What cannot be read has no sample; an old number would say that all is well.
 */
export function watchReconciliation(registry: Registry, store: Pick<ReconciliationStore, 'lastSummary' | 'countInDoubt'>): void {
  const registers = [registry]
  new Gauge({
    name: 'orders_in_doubt',
    help: 'Orders of which nobody knows whether their stock was taken, or given back',
    registers,
    async collect() {
      const count = await store.countInDoubt().catch(() => undefined)
      if (count === undefined) this.remove()
      else this.set(count)
    },
  })
  new Gauge({
    name: 'inventory_unexplained_units',
    help: 'Pieces that orders and inventory disagreed about when they were compared last, by kind',
    labelNames: ['kind'],
    registers,
    async collect() {
      this.reset()
      const last = await store.lastSummary().catch(() => undefined)
      if (!last) return
      // The kinds of this build, whatever an older one or a newer one stored.
      for (const kind of Object.keys(MISMATCHES) as MismatchKind[]) this.set({ kind }, last.summary.unexplained[kind]?.units ?? 0)
    },
  })
  new Gauge({
    name: 'inventory_reconciliation_age_seconds',
    help: 'Since orders and inventory were compared last',
    registers,
    async collect() {
      const last = await store.lastSummary().catch(() => undefined)
      if (last) this.set(last.ageSeconds)
      else this.remove()
    },
  })
}
