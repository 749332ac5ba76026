import type { CreateOrderResult } from './create-order.ts'
import type { Failure } from './failures.ts'
import { MAX_LINES } from './limits.ts'
import { PARTICIPANTS } from './participants/list.ts'

/** Orders in one batch of the express lane: 100 order numbers just fit a search attribute of 2,048 bytes. */
export const MAX_BATCH_ORDERS = 100

/** Lines in one batch, so that no payload comes near Temporal's limit of 2 MiB; what is above is handed over. */
export const MAX_BATCH_LINES = MAX_LINES

/**
 * Reason for which an order is handed over, label of a metric: its row was there before, or it owes a Reback; it is too large for
 * a batch; a service gave no answer about it in time; it was closed meanwhile; it was refused and could not be undone at once; a
 * step failed for the whole batch; the batch was cancelled or terminated.
 */
export const HAND_OVER_REASONS = [
  'opened_before',
  'reback_owed',
  'too_large',
  'user_unanswered',
  'goods_unanswered',
  ...PARTICIPANTS.map(({ do: { unanswered } }) => unanswered),
  'closed_meanwhile',
  'not_undone',
  'step_failed',
  'batch_ended',
] as const
export type HandOverReason = (typeof HAND_OVER_REASONS)[number]

/**
 * Encoded bytes in a batch, whose workflow task reports all of them at once, within 4 MiB: the goods of one question, twice; the orders
 * that are confirmed, twice; and the answers that the store had already, twice. Who would go beyond is handed over. `handedOver`: the requests
 * in the arguments of one handOverOrders. `ahead`: what the answer of prepareOrders says of the steps behind it; above, they have answers of their own.
 */
export const MAX_BATCH_BYTES = {
  goods: 500_000,
  confirmed: 500_000,
  repeats: 400_000,
  voided: 200_000,
  handedOver: 500_000,
  ahead: 400_000,
} as const

/** Outcome of one order of a batch. */
export type BatchOutcome =
  | { state: 'confirmed'; order: CreateOrderResult }
  | { state: 'refused'; refusal: Failure }
  /** A `createOrder` of its own settles it, under this workflow id. */
  | { state: 'handedOver'; workflowId: string; why: string; reason?: HandOverReason }
