import type { CreateOrderResult, RequestKey } from './create-order.ts'

/** An order as its runs are looked for. */
export interface SoughtOrder extends RequestKey {
  orderSn: string
  /** The run that opened it. */
  workflowId: string
  /** Whether the store holds, or ever held, it as confirmed. */
  wasConfirmed: boolean
}

/**
 * What the runs of an order say of it.
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

/** What a run that ended answered of an order that it calls confirmed. */
export interface Answer {
  workflowId: string
  /** Absent if its answer does not hold the order itself. */
  order?: CreateOrderResult
}
