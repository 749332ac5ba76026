import { goodsActivities } from '../../../activities/goods.ts'
import { GoodsClient } from '../../../clients/goods-client.ts'
import { InventoryClient } from '../../../clients/inventory-client.ts'
import { run } from '../../../composition/lifecycle.ts'
import { loadStarterConfig, loadWorkerConfig } from '../../../config/config.ts'
import { DEADLINES_MS } from '../../../contracts/time-budget.ts'
import { connectDatabase } from '../../../store/database.ts'
import { priceOrder } from '../../../workflows/price-order.ts'
import { insertOrder } from '../insert-order.ts'
import { takeOrders } from '../take-orders.ts'

/** One for each caller, and more: the original holds a transaction open while it calls the services, and its pool has no limit. */
const CONNECTIONS = 100

/**
 * The original's way to create an order (docs/origin.md), its calls made one after the other in the handler: the user's lock, the cart, a
 * transaction, BatchGetGoods, Sell, the order and its lines, the cart's rows, commit. If what follows the Sell fails, it calls
 * Reback once, and leaks the stock if that fails too. The user's lock is in this process instead of Redis, the database is
 * PostgreSQL instead of MariaDB, order and lines are one statement: none of it makes it slower than it is.
 */
run(async () => {
  const { goodsTarget, inventoryTarget, databaseUrl, currency } = loadWorkerConfig(process.env)
  const { httpAddr } = loadStarterConfig(process.env)
  const inventory = new InventoryClient({ target: inventoryTarget, deadlineMs: DEADLINES_MS.inventory })
  const goods = new GoodsClient({ target: goodsTarget, deadlineMs: DEADLINES_MS.goods })
  const { batchGetGoods } = goodsActivities({ goods, currency })
  const db = connectDatabase(databaseUrl, { max: CONNECTIONS })
  const locked = new Set<number>()

  await takeOrders(httpAddr, async (request, orderSn) => {
    const { userId } = request
    if (locked.has(userId)) throw new Error('正在处理其他订单，请稍后重试')
    locked.add(userId)
    try {
      const cart = await db
        .selectFrom('cart_items')
        .select(['goods_id', 'num'])
        .where('user_id', '=', userId)
        .where('checked', '=', true)
        .execute()
      const asked = request.lines ?? cart.map(({ goods_id: goodsId, num }) => ({ goodsId, num }))
      return await db.transaction().execute(async (trx) => {
        const found = await batchGetGoods(asked.map(({ goodsId }) => goodsId))
        const lines = priceOrder(asked, found)
        await inventory.sellUnkeyed(asked)
        try {
          const placed = await insertOrder(trx, { orderSn, request, lines, workflowId: '' })
          await trx.deleteFrom('cart_items').where('user_id', '=', userId).where('checked', '=', true).execute()
          return placed
        } catch (error) {
          await inventory.rebackUnkeyed(asked)
          throw error
        }
      })
    } finally {
      locked.delete(userId)
    }
  })
})
