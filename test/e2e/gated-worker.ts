import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { activityInfo } from '@temporalio/activity'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { pino } from 'pino'
import { type Activities, createActivities } from '../../activities/create-activities.ts'
import { DEADLINES_MS } from '../../clients/deadlines.ts'
import { GoodsClient } from '../../clients/goods-client.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { UserClient } from '../../clients/user-client.ts'
import { loadWorkerConfig } from '../../config.ts'
import { failureOf, refusal } from '../../contracts/failures.ts'
import { run, stopRequested } from '../../lifecycle.ts'
import { connectDatabase } from '../../store/database.ts'
import { OrderStore } from '../../store/order-store.ts'
import { isOpen } from '../../temporal/open-run.ts'
import { installRuntime } from '../../temporal/runtime.ts'

/**
 * worker.ts with gates: an order whose workflow id ends in `#before:sell` halts before the effect of its sell, one with
 * `#after:sell` behind it, in every attempt, until the parent that forked this process opens its gate. Orders that have a
 * gate at an undo are refused by confirmOrder, so that they get there.
 * To the parent: 'polling', then the workflow id of each run that halts. From it: the workflow ids of runs that may pass, for
 * ever. A SIGTERM waits for the activities under way.
 */
run(async () => {
  const config = loadWorkerConfig(process.env)
  const stop = stopRequested()
  const { currency } = config
  await installRuntime(pino({ level: config.logLevel }))
  const { temporal } = config
  const connection = await NativeConnection.connect(temporal.connection)
  const client = new Client({ connection: await Connection.connect(temporal.connection), namespace: temporal.namespace })
  const workflows = fileURLToPath(new URL('../../workflows', import.meta.url))
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue: config.taskQueue,
    workflowsPath: `${workflows}/index.ts`,
    dataConverter: { payloadConverterPath: `${workflows}/payload-converter.ts` },
    activities: gated(
      createActivities({
        goods: new GoodsClient({ target: config.goodsTarget, deadlineMs: DEADLINES_MS.goods }),
        inventory: new InventoryClient({ target: config.inventoryTarget, deadlineMs: DEADLINES_MS.inventory }),
        users: new UserClient({ target: config.userTarget, deadlineMs: DEADLINES_MS.user }),
        orders: new OrderStore(connectDatabase(config.databaseUrl), currency),
        currency,
        isOpen: (workflowId) => isOpen(client, workflowId),
        sweepAfterMs: config.sweepAfterMs,
      }),
    ),
    stickyQueueScheduleToStartTimeout: '3s',
    shutdownGraceTime: '12s',
    shutdownForceTime: '20s',
  })
  const polling = worker.run()
  process.send?.('polling')
  await stop
  worker.shutdown()
  await polling
})

const opened = new Set<string>()
// One listener for each run that halts, beside this one, which hears the message first.
process.setMaxListeners(0)
process.on('message', (workflowIds: string[]) => {
  for (const workflowId of workflowIds) opened.add(workflowId)
})

async function halt(workflowId: string): Promise<void> {
  while (!opened.has(workflowId)) {
    process.send?.(workflowId)
    await once(process, 'message')
  }
}

function gated(activities: Activities): Activities {
  const steps = Object.entries(activities as Record<string, (...args: unknown[]) => Promise<unknown>>)
  const wrapped = steps.map(([step, act]) => [
    step,
    async (...args: unknown[]) => {
      const { workflowId = '' } = activityInfo().workflowExecution ?? {}
      const [, gate] = workflowId.split('#')
      if (step === 'confirmOrder' && /:(voidOrder|reback)$/.test(gate ?? '')) {
        throw failureOf(refusal('OrderClosed', 'this order is to be undone'))
      }
      if (gate === `before:${step}`) await halt(workflowId)
      const result = await act(...args)
      if (gate === `after:${step}`) await halt(workflowId)
      return result
    },
  ])
  return Object.fromEntries(wrapped) as Activities
}
