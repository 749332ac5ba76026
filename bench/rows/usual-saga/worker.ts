import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NativeConnection, Worker } from '@temporalio/worker'
import { GoodsClient } from '../../../clients/goods-client.ts'
import { InventoryClient } from '../../../clients/inventory-client.ts'
import { UserClient } from '../../../clients/user-client.ts'
import { run } from '../../../composition/lifecycle.ts'
import { loadWorkerConfig } from '../../../config/config.ts'
import { DEADLINES_MS } from '../../../contracts/time-budget.ts'
import { connectDatabase } from '../../../store/database.ts'
import { createActivities } from './activities.ts'

run(async () => {
  const { temporal, taskQueue, databaseUrl, goodsTarget, inventoryTarget, userTarget, currency } = loadWorkerConfig(process.env)
  const connection = await NativeConnection.connect(temporal.connection)
  const worker = await Worker.create({
    connection,
    namespace: temporal.namespace,
    taskQueue,
    workflowsPath: fileURLToPath(import.meta.resolve(`./workflows${extname(import.meta.url)}`)),
    activities: createActivities({
      goods: new GoodsClient({ target: goodsTarget, deadlineMs: DEADLINES_MS.goods }),
      inventory: new InventoryClient({ target: inventoryTarget, deadlineMs: DEADLINES_MS.inventory }),
      users: new UserClient({ target: userTarget, deadlineMs: DEADLINES_MS.user }),
      db: connectDatabase(databaseUrl),
      currency,
    }),
  })
  await worker.run() // until a signal: the SDK hears SIGTERM itself
})
