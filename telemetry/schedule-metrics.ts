import { Gauge, type Registry } from 'prom-client'

/** An answer is good for so long: each worker asks, and each Schedule is a query of the Temporal server. Milliseconds. */
const GOOD_FOR_MS = 30_000

/**
 * The gauge of the Schedules, asked of Temporal at a scrape: every worker shows the same. While Temporal can't be asked it has no sample.
 * @param states the state of each Schedule
 * @param troubles states that are named
 */
export function watchSchedules(
  registry: Registry,
  states: () => Promise<Readonly<Record<string, string>>>,
  troubles: readonly string[],
): void {
  let found: Readonly<Record<string, string>> = {}
  let askedAt = Number.NEGATIVE_INFINITY
  new Gauge({
    name: 'schedule_unwell',
    help: 'By Schedule and trouble, 1 while it is so: missing, paused, or behind, since it has started no run in time',
    labelNames: ['schedule', 'trouble'],
    registers: [registry],
    async collect() {
      if (performance.now() - askedAt >= GOOD_FOR_MS) {
        found = await states().catch(() => ({}))
        askedAt = Object.keys(found).length > 0 ? performance.now() : Number.NEGATIVE_INFINITY
      }
      this.reset()
      for (const [schedule, state] of Object.entries(found))
        for (const trouble of troubles) this.set({ schedule, trouble }, state === trouble ? 1 : 0)
    },
  })
}
