import { Client } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { collectDefaultMetrics } from 'prom-client'
import { whenThere } from './clients/when-there.ts'
import { run, stopRequested, surviveRejections } from './composition/lifecycle.ts'
import { createOrderWorker } from './composition/order-worker.ts'
import { loadWorkerConfig } from './config/config.ts'
import { connectDatabase } from './store/database.ts'
import { stateNameOf } from './store/failures.ts'
import { OrderStore } from './store/order-store.ts'
import { createLogger } from './telemetry/logging.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { serveMetrics } from './telemetry/metrics-server.ts'
import { startTracing } from './telemetry/start-tracing.ts'
import { installRuntime } from './temporal/runtime.ts'

/** `npm run worker`: runs the workflows and activities of one task queue, until it is asked to stop. */
run(async () => {
  const config = loadWorkerConfig(process.env)
  const logger = createLogger({ level: config.logLevel })
  surviveRejections(logger)
  const tracing = await startTracing(config.traces, 'order-saga-worker', logger)
  const stopping = new AbortController()
  const stop = stopRequested().finally(() => stopping.abort())
  const metrics = createMetrics()
  collectDefaultMetrics({ register: metrics.registry })
  const sdkMetrics = await installRuntime(logger)
  const db = connectDatabase(config.databaseUrl, {
    onError: (error) => logger.warn({ error: error.message }, 'PostgreSQL connection lost'),
  })
  const orders = new OrderStore(db)

  let joined: Awaited<ReturnType<typeof createOrderWorker>> | undefined
  let waiting = ''
  const server = await serveMetrics(config.metricsAddr, metrics.registry, {
    sdkMetrics,
    async notReady() {
      if (joined?.worker.getState() !== 'RUNNING') return `the worker does not poll yet${waiting}`
      const unusable = await orders.proveWritable().then(() => undefined, stateNameOf)
      if (unusable) return `PostgreSQL is out of reach, not migrated, or takes no writes (${unusable})`
      const away = joined.notConnected()
      return away.length > 0 ? `not connected: ${away.join(', ')}` : undefined
    },
  })
  logger.info({ url: `${server.url}/metrics` }, 'metrics')

  const { signal } = stopping
  const onWait = (party: string, reason: string) => {
    waiting = `: it waits for ${party}`
    logger.warn({ reason }, `waiting for ${party}`)
  }
  const connection = await whenThere(() => NativeConnection.connect(config.temporal.connection), {
    signal,
    onWait: (reason) => onWait('Temporal', reason),
  })
  const client = new Client({ connection, namespace: config.temporal.namespace })
  joined = await createOrderWorker({ config, connection, client, orders, logger, metrics, signal, onWait, tracing })
  const { worker } = joined
  const polling = worker.run()
  logger.info({ taskQueue: config.taskQueue, temporal: config.temporal.connection.address }, 'polling')

  await Promise.race([polling, stop.then((why) => logger.info({ why }, 'draining'))])
  if (worker.getState() === 'RUNNING') worker.shutdown()
  await polling
  await server.close()
  joined.close()
  await connection.close()
  await db.destroy()
  await tracing?.stop()
  logger.info('stopped')
})
