import type { Deps } from './deps.ts'
import { goodsActivities } from './goods.ts'
import { inventoryActivities } from './inventory.ts'
import { orderActivities } from './orders.ts'
import { userActivities } from './user.ts'

/** Every activity of the task queue, by the names that stand in histories. */
export function createActivities(deps: Deps) {
  return {
    ...orderActivities(deps),
    ...userActivities(deps),
    ...goodsActivities(deps),
    ...inventoryActivities(deps),
  }
}

export type Activities = ReturnType<typeof createActivities>
