import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { OrderBatches } from '../api/order-batches.ts'
import { whenThere } from '../clients/when-there.ts'
import type { WorkerConfig } from '../config/config.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracing } from '../telemetry/start-tracing.ts'
import { createOrderWorker } from './order-worker.ts'

interface Parts {
  config: WorkerConfig
  lane: OrderBatches
  orders: OrderStore
  logger: Logger
  metrics: Metrics
  /** Aborted when the intake has drained: then the worker does. */
  signal: AbortSignal
  tracing: Tracing | undefined
}

/**
 * Runs the worker in the starter's process, on one connection with the lane: Temporal then hands over the first task of a
 * batch together with the answer to its start (eager start), its steps get a head start, and a caller is answered as soon as
 * its order is confirmed.
 * Comes back when the worker has drained.
 * @throws Error where the worker can't be created
 */
export async function hostWorker({ config, lane, orders, logger, metrics, signal, tracing }: Parts): Promise<void> {
  const onWait = (party: string, reason: string) => logger.warn({ reason }, `waiting for ${party}`)
  const connection = await whenThere(() => NativeConnection.connect(config.temporal.connection), {
    signal,
    onWait: (reason) => onWait('Temporal', reason),
  })
  const interceptors = { workflow: tracing?.client ?? [] }
  const client = new Client({ connection, namespace: config.temporal.namespace, interceptors })
  const { worker, headStarts, close } = await createOrderWorker({
    config,
    connection,
    client,
    orders,
    logger,
    metrics,
    signal,
    onWait,
    tracing,
    onConfirmed: (order, workflowId) => lane.confirmed(order, workflowId),
    onUnanswered: (orderSns, workflowId) => lane.unanswered(orderSns, workflowId),
  })
  const polling = worker.run()
  lane.startEagerlyBy(client.workflow, headStarts)
  logger.info({ taskQueue: config.taskQueue }, 'the hosted worker polls')
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  await Promise.race([polling, signal.aborted || aborted])
  if (worker.getState() === 'RUNNING') worker.shutdown()
  await polling
  close()
}
