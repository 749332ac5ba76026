import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import type { Logger } from 'pino'
import type { OrderBatches } from './api/order-batches.ts'
import type { WorkerConfig } from './config.ts'
import type { createMetrics } from './metrics.ts'
import { createOrderWorker } from './order-worker.ts'
import type { OrderStore } from './store/order-store.ts'
import { installRuntime } from './temporal/runtime.ts'

/** Between two attempts to reach a Temporal that is away. */
const CONNECT_EVERY_MS = 1_000

interface Parts {
  config: WorkerConfig
  lane: OrderBatches
  orders: OrderStore
  logger: Logger
  metrics: Pick<ReturnType<typeof createMetrics>, 'onCall' | 'onBatch'>
  /** Aborted when the intake has drained: then the worker does. */
  signal: AbortSignal
}

/**
 * Runs the worker in the starter's process, on one connection with the lane: Temporal then hands over the first task of a
 * batch together with the answer to its start (eager start), and a caller is answered as soon as its order is confirmed.
 * Comes back when the worker has drained.
 * @throws Error where the worker can't be created
 */
export async function hostWorker({ config, lane, orders, logger, metrics, signal }: Parts): Promise<void> {
  await installRuntime(logger) // the SDK's own would stop the worker at the first signal, before the intake has drained
  const connection = await connect(config, logger, signal)
  const client = new Client({ connection, namespace: config.temporal.namespace })
  const { worker, close } = await createOrderWorker({
    config,
    connection,
    client,
    orders,
    logger,
    metrics,
    signal,
    onConfirmed: (order) => lane.confirmed(order),
  })
  const polling = worker.run()
  lane.startEagerlyBy(client.workflow)
  logger.info({ taskQueue: config.taskQueue }, 'the hosted worker polls')
  const aborted = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  await Promise.race([polling, signal.aborted || aborted])
  if (worker.getState() === 'RUNNING') worker.shutdown()
  await polling
  close()
}

async function connect(config: WorkerConfig, logger: Logger, signal: AbortSignal): Promise<NativeConnection> {
  for (;;) {
    signal.throwIfAborted()
    try {
      return await NativeConnection.connect(config.temporal.connection)
    } catch (error) {
      logger.warn({ error: (error as Error).message }, 'waiting for Temporal')
      await sleep(CONNECT_EVERY_MS)
    }
  }
}
