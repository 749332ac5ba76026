import { inventory as participant } from '../contracts/participants/inventory.ts'
import type { Deps } from './deps.ts'
import { participantActivities, type StepsOf } from './participant-activities.ts'
import { stockPermit } from './stock-permit.ts'

/** These are the effects of a worker under INVENTORY_MODE=keyed. */
const KEYED = true

/** The steps of the inventory: those of any participant, except that the row has more to say about stock. */
export function inventoryActivities({
  inventory,
  onBatch,
  ...deps
}: Pick<Deps, 'inventory' | 'orders' | 'onBatch' | 'onCompensation' | 'showStockLeft' | 'lanePace'>): StepsOf<
  typeof participant
> {
  return participantActivities(participant, inventory, {
    ...deps,
    permit: (effect, sale, claim) => stockPermit(effect === 'do' ? 'Sell' : 'Reback', sale, claim, KEYED),
    onCall: (method, { lines }) => onBatch?.('inventory', method, lines.length),
  })
}
