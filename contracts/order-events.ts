import type { FailureType } from './failures.ts'
import type { OrderStatus } from './order.ts'
import { PARTICIPANTS } from './participants/list.ts'
import type { PaymentOutcome } from './payment.ts'

/** End of an order. */
export interface OrderEnd {
  /** The failure is the one it was closed for. */
  outcome: 'confirmed' | FailureType
  /** Time from its intent to its confirmation, by the clock of PostgreSQL. */
  seconds?: number
}

export const COMPENSATION_STEPS = ['voidOrder', ...PARTICIPANTS.map(({ undo: { step } }) => step)] as const
export type CompensationStep = (typeof COMPENSATION_STEPS)[number]

/**
 * - `done`: this attempt changed the order, as only one can
 * - `needless`: there was nothing to undo: undone before, or the order stands
 * - `failed`: this attempt came to nothing, or nobody knows to what; another one follows, by the same run or another
 */
export type CompensationOutcome = 'done' | 'needless' | 'failed'

/**
 * Reason for which the sweep left an order alone that is unsettled for too long.
 * - `unaskable`: Temporal could not be asked about its runs
 * - `answered`: a run that has ended answered that it is confirmed, and the store does not know it
 */
export type LeftAlone = 'unaskable' | 'answered'

/**
 * Listeners that hear of orders when the statement that changed them has come back, which happens once for each change, whichever
 * lane, run or worker made it. A process that dies between the two leaves a change unreported; nothing is reported twice.
 */
export interface OrderEvents {
  onOrderEnd: (end: OrderEnd) => void
  /** @param count orders @default 1 */
  onCompensation: (step: CompensationStep, outcome: CompensationOutcome, count?: number) => void
  onLeftAlone: (why: LeftAlone) => void
  /** @param count orders @default 1 */
  onTransition: (to: OrderStatus, count?: number) => void
  /** Receives what each payment came to that is reported for the first time. */
  onPayment: (outcome: PaymentOutcome) => void
}

/** Outcomes of an attempt to deliver an event to the webhook. */
export const EVENT_OUTCOMES = ['delivered', 'failed', 'given_up'] as const
export type EventOutcome = (typeof EVENT_OUTCOMES)[number]
