import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WorkflowClient } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import { run } from '../../../composition/lifecycle.ts'
import { loadStarterConfig } from '../../../config/config.ts'
import { takeOrders } from '../take-orders.ts'
import type { emptyWorkflow } from './workflows.ts'

/**
 * The engine's floor: start and result of an empty workflow for each request, over the same HTTP as every other row. Client and
 * worker share one connection, so that the first task comes with the answer to the start (eager start).
 */
run(async () => {
  const { httpAddr, taskQueue, temporal } = loadStarterConfig(process.env)
  const connection = await NativeConnection.connect(temporal.connection)
  const client = new WorkflowClient({ connection, namespace: temporal.namespace })
  const workflowsPath = fileURLToPath(import.meta.resolve(`./workflows${extname(import.meta.url)}`))
  const worker = await Worker.create({ connection, namespace: temporal.namespace, taskQueue, workflowsPath })
  const polling = worker.run()
  await takeOrders(httpAddr, async (_, orderSn) => {
    const options = { taskQueue, workflowId: `empty/${orderSn}`, requestEagerStart: true }
    await client.execute<typeof emptyWorkflow>('emptyWorkflow', options)
    return { orderSn, status: 'PAYING', total: { amount: 0, currency: 'CNY' }, payDeadline: '', lines: [] }
  })
  await polling // the SDK hears SIGTERM itself
})
