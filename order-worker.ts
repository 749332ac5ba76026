import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client } from '@temporalio/client'
import { type NativeConnection, Worker } from '@temporalio/worker'
import type { Logger } from 'pino'
import { createActivities } from './activities/create-activities.ts'
import type { Deps } from './activities/deps.ts'
import { DEADLINES_MS } from './clients/deadlines.ts'
import { GoodsClient } from './clients/goods-client.ts'
import { InventoryClient } from './clients/inventory-client.ts'
import { proveKeyed } from './clients/prove-keyed.ts'
import { UserClient } from './clients/user-client.ts'
import type { WorkerConfig } from './config.ts'
import type { createMetrics } from './metrics.ts'
import type { OrderStore } from './store/order-store.ts'
import { isOpen } from './temporal/open-run.ts'
import { requireSearchAttributes } from './temporal/registration.ts'

interface Parts {
  config: WorkerConfig
  connection: NativeConnection
  client: Client
  orders: OrderStore
  logger: Logger
  metrics: Pick<ReturnType<typeof createMetrics>, 'onCall' | 'onBatch'>
  /** Ends the wait for an inventory that is away. */
  signal: AbortSignal
  onConfirmed?: Deps['onConfirmed']
}

/**
 * The worker with everything that its activities call, not running yet: worker.ts runs it alone, starter.ts beside its intake.
 * @throws Error where the inventory does not honour orderSn, or the namespace lacks our search attributes
 */
export async function createOrderWorker(parts: Parts): Promise<{ worker: Worker; close: () => void }> {
  const { config, connection, client, orders, logger, metrics, signal, onConfirmed } = parts
  const { onCall, onBatch } = metrics
  const goods = new GoodsClient({ target: config.goodsTarget, deadlineMs: DEADLINES_MS.goods, onCall })
  const inventory = new InventoryClient({ target: config.inventoryTarget, deadlineMs: DEADLINES_MS.inventory, onCall })
  const users = new UserClient({ target: config.userTarget, deadlineMs: DEADLINES_MS.user, onCall })

  await proveKeyed(inventory, { signal, onWait: (reason) => logger.warn({ reason }, 'waiting for the inventory') })
  await requireSearchAttributes(client)
  const worker = await Worker.create({
    connection,
    namespace: config.temporal.namespace,
    taskQueue: config.taskQueue,
    workflowsPath: pathOf('./workflows/index'),
    dataConverter: { payloadConverterPath: pathOf('./workflows/payload-converter') },
    activities: createActivities({
      goods,
      inventory,
      users,
      orders,
      currency: config.currency,
      isOpen: (workflowId) => isOpen(client, workflowId),
      sweepAfterMs: config.sweepAfterMs,
      onBatch,
      ...(onConfirmed && { onConfirmed }),
    }),
    // A dead worker's sticky queue holds its runs that long; the default is 10 s, and 15 s are promised for the whole.
    stickyQueueScheduleToStartTimeout: '3s',
    // Above the longest startToClose of workflows/steps.ts: every attempt under way ends by itself.
    shutdownGraceTime: '12s',
    shutdownForceTime: '20s',
  })
  return {
    worker,
    close() {
      for (const party of [goods, inventory, users]) party.close()
    },
  }
}

/** The SDK bundles what it is given as a path: the source under tsx, the compiled file in a build. */
function pathOf(module: string): string {
  return fileURLToPath(import.meta.resolve(`${module}${extname(import.meta.url)}`))
}
