import { Client, WorkflowClient } from '@temporalio/client'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { LATE_MS } from './api/admission.ts'
import { createApp } from './api/app.ts'
import { GiveBack } from './api/give-back.ts'
import { OrderReads } from './api/order-reads.ts'
import { PlacedOrders } from './api/placed-orders.ts'
import { Probe } from './api/probe.ts'
import { RowlessOrders } from './api/rowless-orders.ts'
import { announce } from './composition/announce.ts'
import { knowCallers } from './composition/callers.ts'
import { cartGoods } from './composition/cart-goods.ts'
import { clientConverter } from './composition/client-converter.ts'
import { hostWorker } from './composition/hosted-worker.ts'
import { keyedFingerprints } from './composition/keyed-fingerprints.ts'
import { createLane } from './composition/lane.ts'
import { run, stopRequested, surviveRejections } from './composition/lifecycle.ts'
import { operatorDeps } from './composition/operator-deps.ts'
import { recipientsBy } from './composition/recipients.ts'
import { loadStarterConfig } from './config/config.ts'
import { userCaps } from './config/user-caps.ts'
import { CallerLimits } from './limits/caller-limits.ts'
import { TrustedProxies } from './limits/trusted-proxies.ts'
import { carryOut } from './operators/carry-out.ts'
import { VERBS } from './operators/verbs.ts'
import { startOrderService } from './rpc/order-service.ts'
import { cartStore } from './store/cart-store.ts'
import { connectDatabase } from './store/database.ts'
import { eventStore } from './store/events/event-store.ts'
import { stateNameOf } from './store/failures.ts'
import { orderStore } from './store/order-store.ts'
import { recipientStore } from './store/recipients/recipient-store.ts'
import { createLogger } from './telemetry/logging.ts'
import { createMetrics } from './telemetry/metrics.ts'
import { readSdkMetrics } from './telemetry/sdk-metrics.ts'
import { startTracing } from './telemetry/start-tracing.ts'
import { OrderRuns } from './temporal/order-runs.ts'
import { runUrlAt } from './temporal/run-url.ts'
import { installRuntime } from './temporal/runtime.ts'
import { startGiveBack } from './temporal/start-give-back.ts'
import { connectTemporal } from './temporal/temporal-connection.ts'
import { loggedTlsFiles } from './tls/logged-tls-files.ts'

/** `npm run starter`: takes orders over HTTP and starts their runs, until it is asked to stop. */
run(async () => {
  const config = loadStarterConfig(process.env)
  const log = createLogger({ name: 'starter', level: config.logLevel, format: config.logFormat })
  surviveRejections(log)
  const tracing = await startTracing(config.traces, 'order-saga-starter', log)
  const stop = stopRequested()
  const { worker } = config
  // Before any other part of the SDK: its own runtime would stop the worker at the first signal, before the intake has drained.
  const sdkMetrics = worker && (await installRuntime(log))
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })

  const connection = connectTemporal(config.temporal.connection)
  const { namespace } = config.temporal
  const temporal = new Probe(
    (deadline) => connection.withDeadline(deadline, () => connection.workflowService.getSystemInfo({})),
    {
      onChange: (isUp) =>
        isUp ? log.info('Temporal answers') : log.warn('Temporal does not answer: new orders are answered 503'),
    },
  )
  const onError = (error: Error) => log.warn({ error: error.message }, 'PostgreSQL connection lost')
  const db = connectDatabase(config.databaseUrl, { onError })
  // Whoever looks at orders or carts takes no connection from those that are created.
  const readDb = connectDatabase(config.databaseUrl, { max: 5, onError })
  // On a connection of its own: that orders have taken all of the others is no reason to call PostgreSQL away.
  // And on a new one every few seconds: a password that was changed, or a database that takes no connections, is met by those alone.
  const probedDb = connectDatabase(config.databaseUrl, { max: 1, maxUses: 9, statementTimeoutMs: 1_000, onError })
  const {
    intakeMaxInFlight: maxInFlight,
    intakeMaxQueue: maxQueue,
    intakeMaxUnsettled: maxUnsettled,
    httpMaxConnections,
  } = config
  const probed = orderStore(probedDb)
  const rowless = new RowlessOrders()
  const store = new Probe(
    async () => {
      await probed.proveWritable()
      const withoutRow = await rowless.count(LATE_MS, (orderSns) => probed.recordedOrders(orderSns))
      return withoutRow + (await probed.countUnsettled(LATE_MS, maxUnsettled))
    },
    {
      onChange: (isUp, why) =>
        isUp
          ? log.info('PostgreSQL takes writes')
          : log.warn({ error: stateNameOf(why ?? 'no answer') }, 'PostgreSQL can not be used: new orders are answered 503'),
    },
  )
  const interceptors = tracing?.client ?? []
  const dataConverter = clientConverter(config, (message) => log.warn(message))
  const workflows = new WorkflowClient({ connection, namespace, dataConverter, interceptors })
  const { taskQueue } = config
  const lane =
    config.intake === 'lane'
      ? createLane(workflows, { taskQueue, maxInFlight, maxQueue, waitMs: config.httpWaitMs }, registry)
      : undefined
  const ui = config.temporalUiUrl
  const fingerprints = keyedFingerprints(config, (message) => log.warn(message))
  const orders = orderStore(db, { caps: userCaps(config), fingerprints })
  const placed = new PlacedOrders(orders)
  const readStore = orderStore(readDb)
  const metrics = createMetrics(registry)
  const goods = cartGoods({ config, logger: log, metrics })
  const giveBack = new GiveBack({
    start: (orderSns) => startGiveBack(workflows, orderSns, taskQueue),
    onFailure: (error, orders) =>
      log.warn(
        { error: (error as Error).message, orders },
        'no run was started for cancelled orders: closeDueOrders gives back what they hold',
      ),
  })
  const carts = cartStore(readDb)
  const recipientLog = recipientStore(readDb)
  const recipients = recipientsBy(config, recipientStore(db), (message) => log.warn(message), fingerprints)
  const unseal = recipients.unseal.bind(recipients)
  const { hosts, isInsidePublic, operationsAddr } = config.door
  const authenticate = knowCallers(config.door, log)
  const proxies = config.trustedProxies ?? new TrustedProxies([])
  const { callerPerSecond: perSecond, servicePerSecond, connectionsPerAddress, grpcConnectionsPerAddress } = config.limits
  const isCounted = (address: string) => !proxies.trusts(address)
  const limits = new CallerLimits({
    ...{ perSecond, servicePerSecond, proxies },
    behindGateway: config.door.auth.kind === 'gateway',
    registry,
  })
  const operator = operatorDeps({
    config,
    client: new Client({ connection, namespace, dataConverter, interceptors: { workflow: interceptors } }),
    onWarning: (message) => log.warn(message),
  })
  const door = await createApp({
    operator: { verbs: Object.values(VERBS), perform: (asked) => carryOut(operator.deps, asked, asked.by) },
    orders: { ...orders, getOrder: (orderSn) => placed.getOrder(orderSn) },
    reads: new OrderReads(readStore),
    lists: readStore,
    slips: readStore,
    recipientLog,
    seal: (request) => recipients.seal(request),
    unseal,
    life: orders,
    giveBack,
    onTransition: metrics.onTransition,
    onPayment: metrics.onPayment,
    events: eventStore(readDb),
    cart: carts,
    goods,
    runs: new OrderRuns(workflows, taskQueue),
    ...(lane && { lane: lane.intake }),
    keyed: config.inventoryMode === 'keyed',
    onOrderEnd: metrics.onOrderEnd,
    temporal,
    store,
    rowless,
    maxUnsettled,
    limits,
    waitMs: config.httpWaitMs,
    maxConnections: httpMaxConnections,
    addresses: { max: connectionsPerAddress, isCounted },
    requestWithinMs: config.httpRequestTimeoutMs,
    registry,
    ...{ authenticate, hosts, isInsidePublic },
    ...(sdkMetrics && { sdkMetrics: () => readSdkMetrics(sdkMetrics) }),
    log,
    tls: loggedTlsFiles(config.httpTls, 'HTTP_TLS', log),
    ...(ui && { runUrl: runUrlAt(ui, namespace) }),
  })

  const { app, intake, admission, moves } = door

  await Promise.all([temporal.start(), store.start()])
  const rpcDeps = {
    limits,
    addresses: { max: grpcConnectionsPerAddress, isCounted },
    ...{
      intake,
      admission,
      moves,
      cart: carts,
      goods,
      slips: readStore,
      unseal,
      waitMs: config.httpWaitMs,
      authenticate,
      registry,
      log,
    },
  }
  const { orderService } = config
  const rpcTls = loggedTlsFiles(orderService?.tls, 'GRPC_SERVER', log)
  const rpc = orderService && (await startOrderService({ ...orderService, ...rpcDeps, tls: rpcTls }))
  let dropped = 0
  app.server.on('drop', () => {
    // One line in a thousand is enough of a flood.
    if (dropped++ % 1_000 === 0)
      log.warn({ dropped, limit: httpMaxConnections }, 'connections above HTTP_MAX_CONNECTIONS are closed')
  })
  const { host, port } = config.httpAddr
  const url = await door.listen(config.httpAddr).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`can't listen on HTTP_ADDR ${host}:${port} (${error.code}): free it, or set another`)
  })
  const operationsTls = loggedTlsFiles(config.operationsTls, 'OPERATIONS_TLS', log)
  const inside =
    operationsAddr &&
    (await door.inner.listen(app, { ...operationsAddr, tls: operationsTls }).catch((error: NodeJS.ErrnoException) => {
      throw new Error(
        `can't listen on OPERATIONS_ADDR ${operationsAddr.host}:${operationsAddr.port} (${error.code}): free it, or set another`,
      )
    }))
  const at = inside ?? (isInsidePublic ? url : undefined)
  log.info(
    { url, ...(at && { docs: `${at}/docs`, metrics: `${at}/metrics` }), ...(rpc && { grpc: rpc.address }) },
    'taking orders',
  )
  const { registration, connection: to } = config
  const announced =
    rpc &&
    registration &&
    announce(registration, {
      listening: rpc.address,
      tls: rpcTls !== undefined,
      ...(to.consul && { access: to.consul }),
      log,
    })

  const drained = new AbortController()
  const { signal } = drained
  const hosted = worker && lane && hostWorker({ config: worker, lane, orders, logger: log, metrics, signal, tracing })
  log.info({ why: await (hosted ? Promise.race([stop, hosted]) : stop) }, 'draining')
  await announced?.end()
  await Promise.all([door.stop(), rpc?.stop()])
  drained.abort()
  await Promise.all([hosted, giveBack.drain()])
  goods.close()
  await operator.close()
  temporal.stop()
  store.stop()
  // The Temporal connection ends with the process: a retry of the SDK that sleeps meets a closed channel with an uncaught error.
  await Promise.all([db, readDb, probedDb].map((one) => one.destroy()))
  await tracing?.stop()
  log.info('stopped')
})
