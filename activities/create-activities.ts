import type { Activities } from '../contracts/activities.ts'
import { checkArguments } from './check-arguments.ts'
import type { Deps } from './deps.ts'
import { goodsActivities } from './goods.ts'
import { inventoryActivities } from './inventory.ts'
import { orderActivities } from './orders.ts'
import { prepareActivities } from './prepare-orders.ts'
import { sweepActivities } from './sweep.ts'
import { unkeyedInventoryActivities } from './unkeyed-inventory.ts'
import { userActivities } from './user.ts'

/** Every activity of the task queue, by the names that stand in histories. */
export function createActivities(deps: Deps): Activities {
  const { openOrders, ...orders } = orderActivities(deps)
  const { getUsers, ...users } = userActivities(deps)
  const { getGoodsOfBatch, ...goods } = goodsActivities(deps)
  return checkArguments({
    ...orders,
    ...sweepActivities(deps),
    ...users,
    ...goods,
    ...prepareActivities({ ...deps, openOrders, getUsers, getGoodsOfBatch }),
    ...(deps.unkeyed ? unkeyedInventoryActivities({ ...deps, unkeyed: deps.unkeyed }) : inventoryActivities(deps)),
  } satisfies Activities)
}
