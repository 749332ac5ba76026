import type { Client } from '@temporalio/client'
import { type ActivityInterceptorsFactory, type NativeConnection, Worker } from '@temporalio/worker'
import type { Logger } from 'pino'
import { archiveActivities } from '../activities/archive-orders.ts'
import { createActivities } from '../activities/create-activities.ts'
import { eventActivities } from '../activities/deliver-events.ts'
import type { Deps } from '../activities/deps.ts'
import { logSteps } from '../activities/log-steps.ts'
import { reconciliationActivities } from '../activities/reconciliation.ts'
import { attemptClock } from '../activities/time-left.ts'
import { proveKeyed } from '../clients/prove-keyed.ts'
import { whenThere } from '../clients/when-there.ts'
import type { WorkerConfig } from '../config/config.ts'
import { ANSWER_MS, LOOK_MS, STICKY_QUEUE_MS, WORKER_FORCE_MS, WORKER_GRACE_MS } from '../contracts/time-budget.ts'
import { reconcile } from '../reconciliation/reconcile.ts'
import { settleProposed } from '../reconciliation/settle-proposed.ts'
import type { OrderStore } from '../store/order-store.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { watchReconciliation } from '../telemetry/reconciliation-metrics.ts'
import { watchSchedules } from '../telemetry/schedule-metrics.ts'
import type { Tracing } from '../telemetry/start-tracing.ts'
import { answerGiven } from '../temporal/answer-given.ts'
import { attendanceOf } from '../temporal/attendance.ts'
import { requireSearchAttributes } from '../temporal/registration.ts'
import { runsOf } from '../temporal/runs-of-order.ts'
import { SCHEDULE_TROUBLES, scheduleStates } from '../temporal/schedule-states.ts'
import { startOwnRun } from '../temporal/start-own-run.ts'
import { startSettling } from '../temporal/start-settling.ts'
import { checkSchedules } from './check-schedules.ts'
import { eventDeps } from './event-deps.ts'
import { HeadStarts } from './head-starts.ts'
import { partyClients } from './party-clients.ts'
import { reconciliationDeps } from './reconciliation-deps.ts'
import { workflowOptions } from './workflow-bundle.ts'

export interface OrderWorkerDeps {
  config: WorkerConfig
  connection: NativeConnection
  client: Client
  orders: OrderStore
  logger: Logger
  metrics: Metrics
  /** Ends the wait for a party that is away. */
  signal: AbortSignal
  onWait: (party: string, reason: string) => void
  tracing?: Tracing | undefined
  onConfirmed?: Deps['onConfirmed']
  onRefused?: Deps['onRefused']
  onUnanswered?: Deps['onUnanswered']
  lanePace?: Deps['lanePace']
  /** Interceptors around those of activities that the worker has of its own: tests hold steps up there. */
  interceptors?: ActivityInterceptorsFactory[]
}

/** gRPC statuses DEADLINE_EXCEEDED and UNAVAILABLE. */
const isAway = ({ code }: { code?: unknown }) => code === 4 || code === 14

export interface OrderWorker {
  worker: Worker
  /** Head starts of the batches that an intake in this process starts. */
  headStarts: HeadStarts
  /** The services that no call reaches at present, each with its target. */
  notConnected(): string[]
  close(): void
}

/**
 * The worker with everything that its activities call, not running yet: run-order-worker.ts runs it, in worker.ts alone, in starter.ts beside its intake.
 * @throws Error if the inventory does not honour orderSn, or the namespace lacks our search attributes
 */
export async function createOrderWorker(deps: OrderWorkerDeps): Promise<OrderWorker> {
  const { config, connection, client, orders, logger, metrics, signal, onWait, tracing } = deps
  const { onConfirmed, onRefused, onUnanswered, lanePace, interceptors = [] } = deps
  const { onBatch, onOrderEnd, onCompensation, onLeftAlone, onTransition } = metrics
  metrics.watchCompensations(() => orders.inCompensation())
  metrics.watchOverdue(() => orders.overdue(config.payGraceMs))
  const { archiveAfterMs, archiveShare } = config
  if (archiveAfterMs !== undefined) metrics.watchArchiving(() => orders.archivableAge(archiveAfterMs))
  const parties = partyClients({ config, logger, metrics })
  const { clients } = parties

  const onError = (error: Error) => logger.warn({ error: error.message }, 'PostgreSQL connection lost')
  const reconciled = reconciliationDeps({ config, inventory: clients.inventory, client, onError })
  const events = eventDeps({ config, metrics, onError })
  watchReconciliation(metrics.registry, reconciled.store)
  const askSchedules = () => client.withDeadline(Date.now() + LOOK_MS, () => scheduleStates(client))
  watchSchedules(metrics.registry, askSchedules, SCHEDULE_TROUBLES)

  const keyed = config.inventoryMode === 'keyed'
  if (keyed) await proveKeyed(clients.inventory, { signal, onWait: (reason) => onWait('the inventory', reason) })
  else logger.info('INVENTORY_MODE=unkeyed: a Sell or Reback without an answer is not repeated, its order waits for an operator')
  await whenThere(() => requireSearchAttributes(client), { signal, onWait: (reason) => onWait('Temporal', reason), isAway })
  await checkSchedules(client, logger)
  const steps = createActivities({
    ...clients,
    orders,
    ...(!keyed && { unkeyed: orders }),
    currency: config.currency,
    freeGoods: config.freeGoods,
    showStockLeft: config.showStockLeft,
    attendanceOf: (order) => client.withDeadline(Date.now() + LOOK_MS, () => attendanceOf(client, order)),
    answerGiven: (order) => client.withDeadline(Date.now() + ANSWER_MS, () => answerGiven(client, order.orderSn, runsOf(order))),
    startOwnRun: (request, by) => startOwnRun(client, request, by),
    payWithinMs: config.payWithinMs,
    startSettling: (orderSn, taskQueue) => startSettling(client, orderSn, taskQueue),
    payGraceMs: config.payGraceMs,
    recipientsKeepMs: config.recipientsKeepMs,
    sweepAfterMs: config.sweepAfterMs,
    onBatch,
    onOrderEnd,
    onCompensation,
    onLeftAlone,
    onTransition,
    ...(onConfirmed && { onConfirmed }),
    ...(onRefused && { onRefused }),
    ...(onUnanswered && { onUnanswered }),
    ...(lanePace && { lanePace }),
  })
  const headStarts = new HeadStarts(steps)
  // Without traces nothing of OpenTelemetry is in the bundle, and histories replay either way.
  const workflows = await workflowOptions({
    bundled: config.workflowBundle,
    encrypted: config.payloadEncryption === 'encode',
    traced: tracing !== undefined,
    payloadCodecs: client.options.loadedDataConverter.payloadCodecs,
  })
  const worker = await Worker.create({
    connection,
    namespace: config.temporal.namespace,
    taskQueue: config.taskQueue,
    ...workflows,
    activities: {
      ...reconciliationActivities((beat) =>
        config.resolveProposed === 'auto'
          ? settleProposed({ ...reconciled, beat }, orders.resolveInDoubt)
          : reconcile({ ...reconciled, beat }),
      ),
      ...eventActivities(events),
      ...archiveActivities({ orders, archiveAfterMs, archiveShare, onArchived: metrics.onArchived }),
      ...steps,
    },
    interceptors: {
      activity: [...interceptors, attemptClock, ...(tracing?.worker.activity ?? []), logSteps(logger), headStarts.interceptor],
      // A bundle that was made beforehand has them.
      workflowModules: workflows.workflowBundle ? [] : (tracing?.worker.workflowModules ?? []),
    },
    ...(tracing && { sinks: tracing.worker.sinks }),
    // Above what one slow service may hold by the SDK's default for all: the other steps go on.
    maxConcurrentActivityTaskExecutions: config.serviceMaxInFlight + 100,
    stickyQueueScheduleToStartTimeout: STICKY_QUEUE_MS,
    // Every attempt of an order's step ends by itself. The reconciliation is cancelled behind it: each verdict of its is one statement.
    shutdownGraceTime: WORKER_GRACE_MS,
    shutdownForceTime: WORKER_FORCE_MS,
  })
  return {
    worker,
    headStarts,
    notConnected: parties.notConnected,
    close() {
      parties.close()
      events.close()
      reconciled.db.destroy().catch(() => {}) // its connections end with the process
    },
  }
}
