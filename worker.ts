import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { pino } from 'pino'
import { createActivities } from './activities/create-activities.ts'
import { DEADLINES_MS } from './clients/deadlines.ts'
import { GoodsClient } from './clients/goods-client.ts'
import { InventoryClient } from './clients/inventory-client.ts'
import { proveKeyed } from './clients/prove-keyed.ts'
import { UserClient } from './clients/user-client.ts'
import { loadWorkerConfig } from './config.ts'
import { run, stopRequested } from './lifecycle.ts'
import { createMetrics } from './metrics.ts'
import { serveMetrics } from './metrics-server.ts'
import { connectDatabase } from './store/database.ts'
import { OrderStore } from './store/order-store.ts'
import { isOpen } from './temporal/open-run.ts'
import { requireSearchAttributes } from './temporal/registration.ts'
import { installRuntime } from './temporal/runtime.ts'

/** `npm run worker`: runs the workflows and activities of one task queue, until it is asked to stop. */
run(async () => {
  const config = loadWorkerConfig(process.env)
  const logger = pino({ level: config.logLevel })
  const stopping = new AbortController()
  const stop = stopRequested().finally(() => stopping.abort())
  const metrics = createMetrics()
  const sdkMetrics = await installRuntime(logger)

  const goods = new GoodsClient({ target: config.goodsTarget, deadlineMs: DEADLINES_MS.goods, onCall: metrics.onCall })
  const inventory = new InventoryClient({
    target: config.inventoryTarget,
    deadlineMs: DEADLINES_MS.inventory,
    onCall: metrics.onCall,
  })
  const users = new UserClient({ target: config.userTarget, deadlineMs: DEADLINES_MS.user, onCall: metrics.onCall })
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

  await proveKeyed(inventory, {
    signal: stopping.signal,
    onWait: (reason) => logger.warn({ reason }, 'waiting for the inventory'),
  })
  if (stopping.signal.aborted) return
  const native = await NativeConnection.connect(config.temporal.connection)
  const connection = await Connection.connect(config.temporal.connection)
  const client = new Client({ connection, namespace: config.temporal.namespace })
  await requireSearchAttributes(client)
  worker = await Worker.create({
    connection: native,
    namespace: config.temporal.namespace,
    taskQueue: config.taskQueue,
    // The SDK bundles what this file names: the source under tsx, the compiled file in a build.
    workflowsPath: fileURLToPath(import.meta.resolve(`./workflows/index${extname(import.meta.url)}`)),
    dataConverter: {
      payloadConverterPath: fileURLToPath(import.meta.resolve(`./workflows/payload-converter${extname(import.meta.url)}`)),
    },
    activities: createActivities({
      goods,
      inventory,
      users,
      orders,
      currency: config.currency,
      isOpen: (workflowId) => isOpen(client, workflowId),
      sweepAfterMs: config.sweepAfterMs,
      onBatch: metrics.onBatch,
    }),
    // A dead worker's sticky queue holds its runs that long; the default is 10 s, and 15 s are promised for the whole.
    stickyQueueScheduleToStartTimeout: '3s',
    // Above the longest startToClose of workflows/steps.ts: every attempt under way ends by itself.
    shutdownGraceTime: '12s',
    shutdownForceTime: '20s',
  })
  const polling = worker.run()
  logger.info({ taskQueue: config.taskQueue, address: config.temporal.connection.address }, 'polling')

  await Promise.race([polling, stop.then((why) => logger.info({ why }, 'draining'))])
  if (worker.getState() === 'RUNNING') worker.shutdown()
  await polling
  await server.close()
  // The client's connection ends with the process: closing it under a sleeping retry of the SDK throws where nobody catches.
  for (const party of [goods, inventory, users, native]) await party.close()
  await db.destroy()
  logger.info('stopped')
})
