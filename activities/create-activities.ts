import type { Deps } from './deps.ts'
import { goodsActivities } from './goods.ts'
import { inventoryActivities } from './inventory.ts'
import { orderActivities } from './orders.ts'
import { prepareActivities } from './prepare-orders.ts'
import { unkeyedInventoryActivities } from './unkeyed-inventory.ts'
import { userActivities } from './user.ts'

/** Every activity of the task queue, by the names that stand in histories. */
export function createActivities(deps: Deps) {
  const { openOrders, ...orders } = orderActivities(deps)
  const { getUsers, ...users } = userActivities(deps)
  const { getGoodsOfBatch, ...goods } = goodsActivities(deps)
  return {
    ...orders,
    ...users,
    ...goods,
    ...prepareActivities({ openOrders, getUsers, getGoodsOfBatch, inventory: deps.inventory }),
    ...(deps.unkeyed ? unkeyedInventoryActivities({ ...deps, unkeyed: deps.unkeyed }) : inventoryActivities(deps)),
  }
}

export type Activities = ReturnType<typeof createActivities>
