import type { CreateOrderResult } from './create-order.ts'
import type { Refusal } from './failures.ts'
import { MAX_LINES } from './limits.ts'

/** Orders in one batch of the express lane: 100 order numbers just fit a search attribute of 2,048 bytes. */
export const MAX_BATCH_ORDERS = 100

/** Lines in one batch, so that no payload comes near Temporal's limit of 2 MiB; what is above is handed over. */
export const MAX_BATCH_LINES = MAX_LINES

/** What became of one order of a batch. */
export type BatchOutcome =
  | { state: 'confirmed'; order: CreateOrderResult }
  | { state: 'refused'; refusal: Refusal }
  /** A `createOrder` of its own settles it, under this workflow id. */
  | { state: 'handedOver'; workflowId: string; why: string }
