import type { CreateOrderResult, RequestKey } from './create-order.ts'

/** An order as its runs are looked for. */
export interface SoughtOrder extends RequestKey {
  orderSn: string
  /** The run that opened it. */
  workflowId: string
  /** True if the store holds, or ever held, the order as confirmed. */
  wasConfirmed: boolean
}

/**
 * State of an order according to its runs.
 * - `attended`: an open run is at it and gets on
 * - `answered`: no run is, and one that ended answered that it is confirmed, which the store does not know: it was set back
 * - `abandoned`: no run is
 */
export type Attendance =
  | {
      kind: 'attended'
      workflowId: string
      /** Types of its activities that somebody paused. */
      paused: string[]
    }
  | ({ kind: 'answered' } & Answer)
  | { kind: 'abandoned' }

/** Answer of a run that has ended and calls the order confirmed. */
export interface Answer {
  workflowId: string
  /** Absent if its answer does not hold the order itself. */
  order?: CreateOrderResult
}
