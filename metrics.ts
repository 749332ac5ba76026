import { Counter, Histogram, Registry } from 'prom-client'
import type { CallRecord } from './clients/channel.ts'

/** The metrics of one process; label values come from code, never from requests. */
export function createMetrics(registry = new Registry()) {
  const registers = [registry]
  const calls = new Counter({
    name: 'rpc_calls_total',
    help: 'Calls to the Goods, Inventory and User services',
    labelNames: ['service', 'method', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'rpc_call_duration_seconds',
    help: 'Duration of one call',
    labelNames: ['service', 'method'],
    registers,
  })
  const batches = new Histogram({
    name: 'batch_size',
    help: 'Goods in one call',
    labelNames: ['service', 'operation'],
    buckets: [1, 5, 10, 20, 50, 100, 200], // seed, "Prometheus指标定义"
    registers,
  })
  return {
    registry,
    onCall({ service, method, seconds, error }: CallRecord) {
      calls.inc({ service, method, status: error ? 'error' : 'success' })
      duration.observe({ service, method }, seconds)
    },
    onBatch(service: string, operation: string, size: number) {
      batches.observe({ service, operation }, size)
    },
  }
}
