import { failureOf } from '../contracts/application-failure.ts'
import { inventory } from '../contracts/participants/inventory.ts'
import type { Sale } from '../contracts/steps.ts'
import type { StockClaim } from '../store/stock-claims.ts'
import type { StockEffect } from '../store/unkeyed-stock.ts'
import { effectPermit, type Permit } from './effect-permit.ts'
import { inDoubt } from './in-doubt.ts'
import { otherMode } from './other-mode.ts'

/**
 * The same of stock, about which the row knows more: nothing is sent for an order in doubt, or by a worker of the other mode. Without
 * keys, `markSent` looks once more, in the statement that marks it.
 * @param keyed the mode of this worker
 * @throws OrderClosed, InvalidInput, OrderInDoubt, and ServiceUnavailable for an order of the other mode
 */
export function stockPermit(effect: StockEffect, sale: Sale, claim: StockClaim | undefined, keyed: boolean): Permit {
  if (claim?.stockState === 'in_doubt') throw failureOf(inDoubt(sale.orderSn, effect, claim.lines))
  const isWanted = claim && (effect === 'Sell' ? claim.status === 'CREATING' : claim.owed.includes(inventory.name))
  if (isWanted && claim.keyed !== keyed) throw otherMode(claim)
  return effectPermit(inventory, effect === 'Sell' ? 'do' : 'undo', sale, claim)
}
