import type { OrderRequest } from '../../../contracts/create-order.ts'
import type { Line } from '../../../contracts/order.ts'
import type { Answer } from '../../e2e/faults/place.ts'
import type { PlannedOrder } from './planned-order.ts'

/** An answer that the API must never give. */
export interface BadAnswer {
  kind: 'bad'
  what: string
}

export type Told = Answer | BadAnswer

/** A request, and every answer that its customer got. */
export interface Asked {
  orderSn: string
  kind: PlannedOrder['kind']
  request: OrderRequest
  /** Lines of the request, or of the cart. */
  lines: Line[]
  /** Intervention in its run, if somebody cancelled or terminated it. */
  cut?: 'cancel' | 'terminate'
  told: Told[]
  /** Answers to those who sent another body under this key, once it had an order. */
  toldOthers: Told[]
  /** Milliseconds since the first order of the run was sent. */
  sentAtMs: number
  /** Time of the first final answer. */
  answeredAtMs?: number
}
