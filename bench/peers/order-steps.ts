import { goodsActivities } from '../../activities/goods.ts'
import { GoodsClient } from '../../clients/goods-client.ts'
import { InventoryClient } from '../../clients/inventory-client.ts'
import { UserClient } from '../../clients/user-client.ts'
import type { loadWorkerConfig } from '../../config/config.ts'
import { DEADLINES_MS } from '../../contracts/time-budget.ts'
import { connectDatabase } from '../../store/database.ts'
import { insertOrder } from '../rows/insert-order.ts'

/** The steps of an order as the other rows do them: the same clients, the same services, the same tables. */
export function orderSteps(config: ReturnType<typeof loadWorkerConfig>) {
  const { goodsTarget, inventoryTarget, userTarget, databaseUrl, currency } = config
  const inventory = new InventoryClient({ target: inventoryTarget, deadlineMs: DEADLINES_MS.inventory })
  const users = new UserClient({ target: userTarget, deadlineMs: DEADLINES_MS.user })
  const { batchGetGoods } = goodsActivities({
    goods: new GoodsClient({ target: goodsTarget, deadlineMs: DEADLINES_MS.goods }),
    currency,
  })
  const db = connectDatabase(databaseUrl)
  return {
    batchGetGoods,
    getUser: async (userId: number) => void (await users.getUserById(userId)),
    sell: async (...order: Parameters<InventoryClient['sell']>) => void (await inventory.sell(...order)),
    reback: async (...order: Parameters<InventoryClient['reback']>) => void (await inventory.reback(...order)),
    saveOrder: async (order: Parameters<typeof insertOrder>[1]) => await insertOrder(db, order),
  }
}
