import { failureOf } from '../contracts/application-failure.ts'
import { failure } from '../contracts/failures.ts'
import { invalidInput } from '../contracts/invalid-input.ts'
import { type Line, mergeLines, STANDING_STATUSES } from '../contracts/order.ts'
import type { OneParticipant } from '../contracts/participants/list.ts'
import type { Sale } from '../contracts/steps.ts'
import type { StockClaim } from '../store/stock-claims.ts'

/** Decision whether an effect is to be sent; `done`: there is no need, nothing is to be taken or owed any more. */
export type Permit = 'send' | 'done'

/**
 * Judges by the order's row whether it asks for this effect on a participant now, whoever wants to send it: a workflow of ours, a caller
 * of the activity alone, an attempt that comes late.
 *
 * The row may change between this look and the effect. An undo is safe all the same, since closed is final; a do whose order is
 * closed meanwhile meets the tombstone of its undo.
 * @throws OrderClosed, InvalidInput
 */
export function effectPermit(
  { name, asks, do: { method: doing }, undo: { method: undoing } }: OneParticipant,
  effect: 'do' | 'undo',
  { orderSn, lines }: Sale,
  claim: StockClaim | undefined,
): Permit {
  if (effect === 'undo') {
    if (claim?.status === 'TRADE_CLOSED') return claim.owed.includes(name) ? 'send' : 'done'
    const found = claim ? claim.status : 'not in the store'
    throw invalidInput([
      { field: 'orderSn', problem: `must be of a closed order: ${orderSn} is ${found}, and owes no ${undoing}` },
    ])
  }
  if (claim && (STANDING_STATUSES as readonly string[]).includes(claim.status)) return 'done'
  if (claim?.status !== 'CREATING') {
    throw failureOf(failure('OrderClosed', `order ${orderSn} asks for no ${doing}${claim ? ' any more' : ''}`, { orderSn }))
  }
  if (!areEqual(lines, claim.lines)) {
    throw invalidInput([{ field: 'lines', problem: `must be those that order ${orderSn} was opened with` }])
  }
  if (asks && !Object.hasOwn(claim.held, name)) {
    throw invalidInput([{ field: 'orderSn', problem: `must be of an order that asks for ${doing}: ${orderSn} does not` }])
  }
  return 'send'
}

function areEqual(some: readonly Line[], others: readonly Line[]): boolean {
  const pieces = (lines: readonly Line[]) => JSON.stringify(mergeLines(lines))
  return pieces(some) === pieces(others)
}
