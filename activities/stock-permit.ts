import { failureOf } from '../contracts/application-failure.ts'
import { refusal } from '../contracts/failures.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { type Line, mergeLines, STANDING_STATUSES } from '../contracts/order.ts'
import type { Sale } from '../contracts/steps.ts'
import type { StockClaim } from '../store/stock-claims.ts'
import type { StockEffect } from '../store/unkeyed-stock.ts'
import { inDoubt } from './in-doubt.ts'
import { otherMode } from './other-mode.ts'
import type { Permit } from './participant-activities.ts'

/**
 * Judges by the order's row whether it asks for this effect now, whoever wants to send it: a workflow of ours, a caller of the
 * activity alone, an attempt that comes late.
 *
 * The row may change between this look and the effect. A Reback is safe all the same, since closed is final. A Sell whose order is
 * closed meanwhile meets the tombstone of its Reback; without keys, `markSent` looks once more, in the statement that marks it.
 * @param keyed the mode of this worker
 * @throws OrderClosed, InvalidInput, OrderInDoubt, and ServiceUnavailable for an order of the other mode
 */
export function stockPermit(effect: StockEffect, sale: Sale, claim: StockClaim | undefined, keyed: boolean): Permit {
  if (claim?.stockState === 'in_doubt') throw failureOf(inDoubt(sale.orderSn, effect, claim.lines))
  return effect === 'Sell' ? sellPermit(sale, claim, keyed) : rebackPermit(sale, claim, keyed)
}

function sellPermit({ orderSn, lines }: Sale, claim: StockClaim | undefined, keyed: boolean): Permit {
  const isOpen = claim?.status === 'CREATING'
  if (isOpen && claim.keyed !== keyed) throw otherMode(claim)
  if (isOpen && !areEqual(lines, claim.lines)) {
    throw invalidInput([{ field: 'lines', problem: `must be those that order ${orderSn} was opened with` }])
  }
  if (isOpen) return 'send'
  if (claim && (STANDING_STATUSES as readonly string[]).includes(claim.status)) return 'done'
  throw failureOf(refusal('OrderClosed', `order ${orderSn} asks for no Sell${claim ? ' any more' : ''}`, { orderSn }))
}

function rebackPermit({ orderSn }: Sale, claim: StockClaim | undefined, keyed: boolean): Permit {
  if (claim?.status !== 'TRADE_CLOSED') {
    const found = claim ? claim.status : 'not in the store'
    throw invalidInput([{ field: 'orderSn', problem: `must be of a closed order: ${orderSn} is ${found}, and owes no Reback` }])
  }
  if (claim.stockState !== 'returning') return 'done'
  if (claim.keyed !== keyed) throw otherMode(claim)
  return 'send'
}

function areEqual(some: readonly Line[], others: readonly Line[]): boolean {
  const pieces = (lines: readonly Line[]) => JSON.stringify(mergeLines(lines))
  return pieces(some) === pieces(others)
}
