import { goodsActivities } from '../../../activities/goods.ts'
import { GoodsClient } from '../../../clients/goods-client.ts'
import { InventoryClient } from '../../../clients/inventory-client.ts'
import { UserClient } from '../../../clients/user-client.ts'
import { run } from '../../../composition/lifecycle.ts'
import { loadStarterConfig, loadWorkerConfig } from '../../../config/config.ts'
import { DEADLINES_MS } from '../../../contracts/time-budget.ts'
import { connectDatabase } from '../../../store/database.ts'
import { priceOrder } from '../../../workflows/price-order.ts'
import { insertOrder } from '../insert-order.ts'
import { takeOrders } from '../take-orders.ts'

/**
 * DIRECT: the same work one step after another in the HTTP handler, with the same clients and the same database, and nothing
 * that would survive a crash or undo a Sell. What any durable design is measured against.
 */
run(async () => {
  const { goodsTarget, inventoryTarget, userTarget, databaseUrl, currency } = loadWorkerConfig(process.env)
  const { httpAddr } = loadStarterConfig(process.env)
  const inventory = new InventoryClient({ target: inventoryTarget, deadlineMs: DEADLINES_MS.inventory })
  const users = new UserClient({ target: userTarget, deadlineMs: DEADLINES_MS.user })
  const goods = new GoodsClient({ target: goodsTarget, deadlineMs: DEADLINES_MS.goods })
  const { batchGetGoods } = goodsActivities({ goods, currency })
  const db = connectDatabase(databaseUrl)

  await takeOrders(httpAddr, async (request, orderSn) => {
    const asked = request.lines ?? []
    const [found] = await Promise.all([batchGetGoods(asked.map(({ goodsId }) => goodsId)), users.getUserById(request.userId)])
    const lines = priceOrder(asked, found, request.expectedTotal)
    await inventory.sell(orderSn, asked)
    return await insertOrder(db, { orderSn, request, lines, workflowId: '' })
  })
})
