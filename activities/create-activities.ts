import type { Activities, ParticipantActivities } from '../contracts/activities.ts'
import { PARTICIPANTS, type ParticipantName } from '../contracts/participants/list.ts'
import { checkArguments } from './check-arguments.ts'
import { closingActivities } from './closing.ts'
import type { Deps } from './deps.ts'
import { goodsActivities } from './goods.ts'
import { handOverActivities } from './hand-over.ts'
import { inventoryActivities } from './inventory.ts'
import { orderActivities } from './orders.ts'
import { participantActivities } from './participant-activities.ts'
import { prepareActivities } from './prepare-orders.ts'
import { settlingActivities } from './settling.ts'
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
    ...settlingActivities(deps),
    ...closingActivities(deps),
    ...users,
    ...goods,
    ...prepareActivities({ ...deps, openOrders, getUsers, getGoodsOfBatch }),
    ...stepsOfParticipants(deps),
  } satisfies Activities)
}

/** The activities of every participant on the list: what any of them does, unless it has something of its own. */
function stepsOfParticipants(deps: Deps): ParticipantActivities {
  const { unkeyed } = deps
  const ofItsOwn: { [Name in ParticipantName]?: object } = {
    inventory: unkeyed ? unkeyedInventoryActivities({ ...deps, unkeyed }) : inventoryActivities(deps),
  }
  const steps = PARTICIPANTS.map((one) => ofItsOwn[one.name] ?? participantActivities(one, deps[one.name], deps))
  return Object.assign({}, ...steps) as ParticipantActivities
}
