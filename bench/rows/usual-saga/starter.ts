import { Connection, WorkflowClient } from '@temporalio/client'
import { run } from '../../../composition/lifecycle.ts'
import { loadStarterConfig } from '../../../config/config.ts'
import { takeOrders } from '../take-orders.ts'
import type { placeOrder } from './workflows.ts'

run(async () => {
  const { httpAddr, taskQueue, temporal } = loadStarterConfig(process.env)
  const connection = await Connection.connect(temporal.connection)
  const client = new WorkflowClient({ connection, namespace: temporal.namespace })
  await takeOrders(httpAddr, (request, orderSn) =>
    client.execute<typeof placeOrder>('placeOrder', {
      taskQueue,
      workflowId: `usual/${orderSn}`,
      args: [orderSn, request],
    }),
  )
})
