import type { Logger } from 'pino'
import type { WorkerConfig } from '../config/config.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracing } from '../telemetry/start-tracing.ts'
import type { Lane } from './lane.ts'
import { runOrderWorker } from './run-order-worker.ts'

interface Deps {
  config: WorkerConfig
  lane: Lane
  orders: OrderStore
  logger: Logger
  metrics: Metrics
  /** Aborted when the intake has drained: the worker drains then. */
  signal: AbortSignal
  tracing: Tracing | undefined
}

/**
 * Runs the worker in the starter's process, on one connection with the lane: Temporal then hands over the first task of a
 * batch together with the answer to its start (eager start), its steps get a head start, and a caller is answered as soon as
 * its order is confirmed, or refused and undone.
 * @throws Error if the worker can't be created
 */
export async function hostWorker({ lane, ...deps }: Deps): Promise<void> {
  await runOrderWorker({
    ...deps,
    clientInterceptors: { workflow: deps.tracing?.client ?? [] },
    onConfirmed: (order, workflowId) => lane.intake.confirmed(order, workflowId),
    onRefused: (order, workflowId) => lane.intake.refused(order, workflowId),
    onUnanswered: (orderSns, workflowId) => lane.intake.unanswered(orderSns, workflowId),
    onPolling: ({ client, headStarts }) => lane.startBy(client.workflow, headStarts),
  })
}
