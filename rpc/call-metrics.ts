import { status } from '@grpc/grpc-js'
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { OrderServiceService } from '../proto/generated/order.ts'
import type { CallsInFlight } from './server/calls-in-flight.ts'

/** Seconds, from a cart that is read to a caller that waits for its order. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** `refused`: the request's own fault, or the state of its order or its goods; `open`: the fate of the order is not known yet; `error`: ours. */
export type CallOutcome = 'success' | 'refused' | 'open' | 'error'

/** Series that are there from the start, at 0: Prometheus would miss their first increase. */
const FROM_THE_START: [CallOutcome, keyof typeof status][] = [
  ['success', 'OK'],
  ['open', 'DEADLINE_EXCEEDED'],
  ['error', 'UNAVAILABLE'],
  ['error', 'INTERNAL'],
]

/** Registers the metrics of the order service. @returns a function that counts one call that was answered */
export function measureCalls(
  registry: Registry,
  inFlight: CallsInFlight,
): (call: { method: string; code: status; outcome: CallOutcome; seconds: number }) => void {
  const registers = [registry]
  const calls = new Counter({
    name: 'rpc_server_calls_total',
    help: 'Calls to OrderService by gRPC status, and whether they succeeded, were refused, left the fate of an order open, or failed',
    labelNames: ['method', 'code', 'outcome'],
    registers,
  })
  const duration = new Histogram({
    name: 'rpc_server_call_duration_seconds',
    help: 'Time from a call to OrderService to its answer',
    labelNames: ['method'],
    buckets: BUCKETS,
    registers,
  })
  new Gauge({
    name: 'rpc_server_calls_in_flight',
    help: 'Calls to OrderService that are being served',
    registers,
    collect() {
      this.set(inFlight.count)
    },
  })
  for (const { path } of Object.values(OrderServiceService)) {
    const method = path.split('/').at(-1) ?? ''
    for (const [outcome, code] of FROM_THE_START) calls.inc({ method, code, outcome }, 0)
  }
  return ({ method, code, outcome, seconds }) => {
    calls.inc({ method, code: status[code], outcome })
    duration.observe({ method }, seconds)
  }
}
