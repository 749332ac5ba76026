import type { CreateOrderResult } from './create-order.ts'
import type { Refusal } from './failures.ts'
import { MAX_LINES } from './limits.ts'

/** Orders in one batch of the express lane: 100 order numbers just fit a search attribute of 2,048 bytes. */
export const MAX_BATCH_ORDERS = 100

/** Lines in one batch, so that no payload comes near Temporal's limit of 2 MiB; what is above is handed over. */
export const MAX_BATCH_LINES = MAX_LINES

/**
 * A batch's steps, at most five of them (prepare, sell, confirm, void, reback), are local activities of one workflow task, in
 * milliseconds. If its worker dies, another begins the task anew when the task's time-out is over: 15 s are promised for the whole.
 * All five steps together must stay below that time-out, since a workflow timer can't cut a local activity.
 */
export const BATCH_TASK_TIMEOUT_MS = 8_000
/** Bounds the store's statements too: each serves the whole batch, so that to give it up early would spare nobody. */
export const LANE_STEP_MAX_MS = 1_500
/** A call is one order's, and the others wait for it. A healthy service answers within a fraction of the floor. */
export const LANE_CALL_FLOOR_MS = 300
/** Leaves a step the time to report how its calls ended (activities/time-left.ts). */
export const LANE_CALL_CEILING_MS = 1_200

/** What became of one order of a batch. */
export type BatchOutcome =
  | { state: 'confirmed'; order: CreateOrderResult }
  | { state: 'refused'; refusal: Refusal }
  /** A `createOrder` of its own settles it, under this workflow id. */
  | { state: 'handedOver'; workflowId: string; why: string }
