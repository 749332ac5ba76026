import type { CreateOrderResult } from './create-order.ts'
import type { Refusal } from './failures.ts'
import { MAX_LINES } from './limits.ts'
import { PARTICIPANTS } from './participants/list.ts'

/** Orders in one batch of the express lane: 100 order numbers just fit a search attribute of 2,048 bytes. */
export const MAX_BATCH_ORDERS = 100

/** Lines in one batch, so that no payload comes near Temporal's limit of 2 MiB; what is above is handed over. */
export const MAX_BATCH_LINES = MAX_LINES

/**
 * Time-out of a batch's workflow task, in milliseconds. If its worker dies, another begins the task anew when this is over: 15 s are
 * promised for the whole. A batch's steps, at most five (prepare, sell, confirm, void, reback), are local activities of that one
 * task, and a workflow timer can't cut a local activity.
 */
export const BATCH_TASK_TIMEOUT_MS = 8_000
/** All steps of a batch together; with what is left for a step at least, twice, below the task's time-out. */
export const LANE_STEPS_MS = 7_000
/** One step, the store's statements included: each serves the whole batch, so that to give it up early would spare nobody. */
export const LANE_STEP_MAX_MS = 3_000
/** What a step gets where those before it took all: enough for a healthy machine, since the undoing comes last. */
export const LANE_STEP_MIN_MS = 300
/**
 * After which the orders of a batch that only lack an answer about user or goods are tried once more, in milliseconds: a service that is
 * restarted behind its balancer, or a pause of the machine, is over by then. As a timer it ends the workflow task; the second round has
 * a whole one to itself.
 */
export const SECOND_ROUND_AFTER_MS = 1_000
/** A call is one order's, and the others wait for it. A healthy service answers within a fraction of it. */
export const LANE_CALL_FLOOR_MS = 300
/** Far below a step: on a busy machine the clock that ends a call comes late, and a step that is cut off fails all of its orders. */
export const LANE_CALL_CEILING_MS = 1_200

/**
 * Why an order is handed over, label of a metric: its row was there before, or it owes a Reback; it is too large for a batch; a service gave no
 * answer about it in time; it was closed meanwhile; it was refused and could not be undone at once; a step failed for the whole batch; the
 * batch was cancelled or terminated.
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
 * in the arguments of one handOverOrders.
 */
export const MAX_BATCH_BYTES = {
  goods: 500_000,
  confirmed: 500_000,
  repeats: 400_000,
  voided: 200_000,
  handedOver: 500_000,
} as const

/** What became of one order of a batch. */
export type BatchOutcome =
  | { state: 'confirmed'; order: CreateOrderResult }
  | { state: 'refused'; refusal: Refusal }
  /** A `createOrder` of its own settles it, under this workflow id. */
  | { state: 'handedOver'; workflowId: string; why: string; reason?: HandOverReason }
