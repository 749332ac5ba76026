import { Gauge, type Registry } from 'prom-client'

/**
 * A gauge that is read anew at each scrape. While that fails, or there is nothing to report, it has no sample: a number of an hour
 * ago would say that all is well.
 */
export function readGauge(registry: Registry, name: string, help: string, read: () => Promise<number | undefined>): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      const value = await read().catch(() => undefined)
      if (value === undefined) this.remove()
      else this.set(value)
    },
  })
}
