import { Client, type ClientOptions } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { whenThere } from '../clients/when-there.ts'
import { clientConverter } from './client-converter.ts'
import { createOrderWorker, type OrderWorker, type OrderWorkerDeps } from './order-worker.ts'

interface Deps extends Omit<OrderWorkerDeps, 'connection' | 'client' | 'onWait'> {
  /** Aborted when the worker has to stop: it ends what is under way, and the wait for a party that is away. */
  signal: AbortSignal
  /** Reports each party that the worker waits for. @default it is only logged */
  onWait?: (party: string) => void
  /** Interceptors around the calls of the worker's own client. */
  clientInterceptors?: ClientOptions['interceptors']
  /** Called as soon as the worker polls. */
  onPolling?: (running: OrderWorker & { client: Client }) => void
}

/**
 * Connects to Temporal, creates the worker of one task queue and runs it until it has drained.
 * @throws Error if the worker can't be created; AbortError if it was stopped while it waited for a party
 */
export async function runOrderWorker(deps: Deps): Promise<void> {
  const { config, logger, signal, clientInterceptors, onPolling } = deps
  const onWait = (party: string, reason: string) => {
    deps.onWait?.(party)
    logger.warn({ reason }, `waiting for ${party}`)
  }
  const connection = await whenThere(() => NativeConnection.connect(config.temporal.connection), {
    signal,
    onWait: (reason) => onWait('Temporal', reason),
  })
  const { namespace } = config.temporal
  const dataConverter = clientConverter(config, (message) => logger.warn(message))
  const interceptors = clientInterceptors && { interceptors: clientInterceptors }
  const client = new Client({ connection, namespace, dataConverter, ...interceptors })
  const running = await createOrderWorker({ ...deps, connection, client, onWait })
  const { worker } = running
  const polling = worker.run()
  onPolling?.({ ...running, client })
  logger.info({ taskQueue: config.taskQueue, temporal: config.temporal.connection.address }, 'polling')
  const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  await Promise.race([polling, signal.aborted || stopped])
  if (worker.getState() === 'RUNNING') worker.shutdown()
  await polling
  running.close()
}
