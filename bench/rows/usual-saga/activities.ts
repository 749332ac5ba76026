import { goodsActivities } from '../../../activities/goods.ts'
import type { GoodsClient } from '../../../clients/goods-client.ts'
import type { InventoryClient } from '../../../clients/inventory-client.ts'
import type { UserClient } from '../../../clients/user-client.ts'
import type { Line, OrderSn } from '../../../contracts/order.ts'
import type { Database } from '../../../store/database.ts'
import { insertOrder, type SoldOrder } from '../insert-order.ts'

interface Parties {
  goods: GoodsClient
  inventory: InventoryClient
  users: UserClient
  db: Database
  currency: string
}

/** One activity a step, one call an activity. */
export function createActivities({ goods, inventory, users, db, currency }: Parties) {
  const { batchGetGoods } = goodsActivities({ goods, currency })
  return {
    batchGetGoods,
    async getUser(userId: number) {
      await users.getUserById(userId)
    },
    async sell(orderSn: OrderSn, lines: Line[]) {
      await inventory.sell(orderSn, lines)
    },
    async reback(orderSn: OrderSn, lines: Line[]) {
      await inventory.reback(orderSn, lines)
    },
    async saveOrder(order: SoldOrder) {
      return await insertOrder(db, order)
    },
  }
}
