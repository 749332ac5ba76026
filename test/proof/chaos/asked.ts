import type { NamedRequest } from '../../../contracts/create-order.ts'
import type { Line } from '../../../contracts/order.ts'
import type { PaymentRequest } from '../../../contracts/payment.ts'
import type { Answer } from '../../e2e/faults/place.ts'
import type { PlannedOrder } from './planned-order.ts'

/** An answer that the API must never give. */
export interface BadAnswer {
  kind: 'bad'
  what: string
}

export type Told = Answer | BadAnswer

/** A move of an order that was created, and every answer that its customer got. */
export interface Moved {
  what: 'pay' | 'cancel' | 'finish' | 'delete'
  /** Report of a payment: how the gateway sends it, each time. */
  payment?: PaymentRequest
  /** `accepted` of a payment, `done` of another move, or the failure. */
  answers: string[]
}

/** A request, and every answer that its customer got. */
export interface Asked {
  orderSn: string
  kind: PlannedOrder['kind']
  request: NamedRequest
  /** Lines of the request, or of the cart. */
  lines: Line[]
  /** Intervention in its run, if somebody cancelled or terminated it. */
  cut?: 'cancel' | 'terminate'
  told: Told[]
  /** Answers to those who sent another body under this key, once it had an order. */
  toldOthers: Told[]
  /** Moves of its customer, once it was created. */
  moves: Moved[]
  /** Milliseconds since the first order of the run was sent. */
  sentAtMs: number
  /** Time of the first final answer. */
  answeredAtMs?: number
}
