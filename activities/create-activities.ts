import type { Activities, ParticipantActivities } from '../contracts/activities.ts'
import type { ParticipantName } from '../contracts/participants/list.ts'
import { checkArguments } from './check-arguments.ts'
import type { Deps } from './deps.ts'
import { goodsActivities } from './goods.ts'
import { handOverActivities } from './hand-over.ts'
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
    ...handOverActivities(deps),
    ...sweepActivities(deps),
    ...users,
    ...goods,
    ...prepareActivities({ ...deps, openOrders, getUsers, getGoodsOfBatch }),
    ...stepsOfParticipants(deps),
  } satisfies Activities)
}

/** Those of every participant on the list. */
function stepsOfParticipants(deps: Deps): ParticipantActivities {
  const { unkeyed } = deps
  const steps: Record<ParticipantName, object> = {
    inventory: unkeyed ? unkeyedInventoryActivities({ ...deps, unkeyed }) : inventoryActivities(deps),
  }
  return Object.assign({}, ...Object.values(steps)) as ParticipantActivities
}
