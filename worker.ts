import { collectDefaultMetrics } from 'prom-client'
import { keyedFingerprints } from './composition/keyed-fingerprints.ts'
import { run, stopRequested, surviveRejections } from './composition/lifecycle.ts'
import type { OrderWorker } from './composition/order-worker.ts'
import { runOrderWorker } from './composition/run-order-worker.ts'
import { loadWorkerConfig } from './config/config.ts'
import { userCaps } from './config/user-caps.ts'
import { connectDatabase } from './store/database.ts'
import { stateNameOf } from './store/failures.ts'
import { orderStore } from './store/order-store.ts'
import { logReadiness } from './telemetry/log-readiness.ts'
import { createLogger } from './telemetry/logging.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { serveMetrics } from './telemetry/metrics-server.ts'
import { startTracing } from './telemetry/start-tracing.ts'
import { installRuntime } from './temporal/runtime.ts'
import { loggedTlsFiles } from './tls/logged-tls-files.ts'

/** `npm run worker`: runs the workflows and activities of one task queue, until it is asked to stop. */
run(async () => {
  const config = loadWorkerConfig(process.env)
  const logger = createLogger({ name: 'worker', level: config.logLevel, format: config.logFormat })
  surviveRejections(logger)
  const tracing = await startTracing(config.traces, 'order-saga-worker', logger)
  const stopping = new AbortController()
  void stopRequested().then((why) => {
    logger.info({ why }, 'draining')
    stopping.abort()
  })
  const metrics = createMetrics()
  collectDefaultMetrics({ register: metrics.registry })
  const sdkMetrics = await installRuntime(logger)
  const db = connectDatabase(config.databaseUrl, {
    onError: (error) => logger.warn({ error: error.message }, 'PostgreSQL connection lost'),
  })
  const orders = orderStore(db, {
    caps: userCaps(config),
    fingerprints: keyedFingerprints(config, (message) => logger.warn(message)),
  })

  let running: OrderWorker | undefined
  let waiting = ''
  const server = await serveMetrics(config.metricsAddr, metrics.registry, {
    sdkMetrics,
    tls: loggedTlsFiles(config.metricsTls, 'METRICS_TLS', logger),
    onReadiness: logReadiness(logger),
    async notReady() {
      if (running?.worker.getState() !== 'RUNNING') return `the worker does not poll yet${waiting}`
      const unusable = await orders.proveWritable().then(() => undefined, stateNameOf)
      if (unusable) return `PostgreSQL is out of reach, not migrated, or takes no writes (${unusable})`
      const away = running.notConnected()
      return away.length > 0 ? `not connected: ${away.join(', ')}` : undefined
    },
  })
  logger.info({ url: `${server.url}/metrics` }, 'metrics')

  await runOrderWorker({
    ...{ config, orders, logger, metrics, tracing },
    signal: stopping.signal,
    onWait: (party) => {
      waiting = `: it waits for ${party}`
    },
    onPolling: (worker) => {
      running = worker
    },
  })
  await server.close()
  await db.destroy()
  await tracing?.stop()
  logger.info('stopped')
})
