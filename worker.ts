import { Client, Connection } from '@temporalio/client'
import { NativeConnection, type Worker } from '@temporalio/worker'
import { pino } from 'pino'
import { loadWorkerConfig } from './config.ts'
import { run, stopRequested } from './lifecycle.ts'
import { createMetrics } from './metrics.ts'
import { serveMetrics } from './metrics-server.ts'
import { createOrderWorker } from './order-worker.ts'
import { connectDatabase } from './store/database.ts'
import { OrderStore } from './store/order-store.ts'
import { installRuntime } from './temporal/runtime.ts'

/** `npm run worker`: runs the workflows and activities of one task queue, until it is asked to stop. */
run(async () => {
  const config = loadWorkerConfig(process.env)
  const logger = pino({ level: config.logLevel })
  const stopping = new AbortController()
  const stop = stopRequested().finally(() => stopping.abort())
  const metrics = createMetrics()
  const sdkMetrics = await installRuntime(logger)
  const db = connectDatabase(config.databaseUrl, {
    onError: (error) => logger.warn({ error: error.message }, 'PostgreSQL connection lost'),
  })
  const orders = new OrderStore(db, config.currency)

  let worker: Worker | undefined
  const server = await serveMetrics(config.metricsAddr, metrics.registry, {
    sdkMetrics,
    async notReady() {
      if (worker?.getState() !== 'RUNNING') return 'the worker does not poll yet'
      return (await orders.isReachable()) ? undefined : 'PostgreSQL is out of reach, or not migrated'
    },
  })
  logger.info({ url: `${server.url}/metrics` }, 'metrics')

  const connection = await NativeConnection.connect(config.temporal.connection)
  const client = new Client({
    connection: await Connection.connect(config.temporal.connection),
    namespace: config.temporal.namespace,
  })
  const joined = await createOrderWorker({ config, connection, client, orders, logger, metrics, signal: stopping.signal })
  worker = joined.worker
  const polling = worker.run()
  logger.info({ taskQueue: config.taskQueue, address: config.temporal.connection.address }, 'polling')

  await Promise.race([polling, stop.then((why) => logger.info({ why }, 'draining'))])
  if (worker.getState() === 'RUNNING') worker.shutdown()
  await polling
  await server.close()
  joined.close()
  // The client's connection ends with the process: closing it under a sleeping retry of the SDK throws where nobody catches.
  await connection.close()
  await db.destroy()
  logger.info('stopped')
})
