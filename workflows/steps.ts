import { ActivityCancellationType, proxyActivities, type RetryPolicy } from '@temporalio/workflow'
import type { Activities, ArchiveActivities, EventActivities, ReconciliationActivities } from '../contracts/activities.ts'
import { type DoStep, forEachParticipant, type OneParticipant, type UndoStep } from '../contracts/participants/list.ts'
import {
  ATTEMPT_MS,
  DO_MARGIN_MS,
  EVENT_BEAT_MS,
  HEARTBEAT_MS,
  RETRY_AFTER_MS,
  UNDO_MARGIN_MS,
  UNDO_RETRY_AFTER_MS,
} from '../contracts/time-budget.ts'

/**
 * The first pause is 100 ms, and each is twice the one before (docs/origin.md). The cap lets work resume within 2 s of a service's return. No attempt limit: the
 * order's budget ends the doing, nothing ends the undoing.
 */
const retry: RetryPolicy = { initialInterval: '100ms', backoffCoefficient: 2, maximumInterval: RETRY_AFTER_MS }
/** Retry policy of the undoing. */
const patient: RetryPolicy = { ...retry, maximumInterval: UNDO_RETRY_AFTER_MS }

/** One attempt of each party (contracts/time-budget.ts). */
const GOODS = { startToCloseTimeout: ATTEMPT_MS.goods, retry }
const USER = { startToCloseTimeout: ATTEMPT_MS.user, retry }
const STORE = { startToCloseTimeout: ATTEMPT_MS.store, retry }

/**
 * An effect that was begun is waited for even when the run is cancelled: else its undo could overtake it. The SDK's
 * default is TRY_CANCEL, which does not wait.
 */
const effect = { cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED }

export const { openOrder } = proxyActivities<Activities>({
  ...STORE,
  ...effect,
  summary: 'Record the intent: idempotency check, lock of the user, lines to order',
})

export const { getUser } = proxyActivities<Activities>({ ...USER, summary: 'Does the user exist' })

export const { batchGetGoods } = proxyActivities<Activities>({ ...GOODS, summary: 'Name, image, price of all goods' })

/** An activity of a participant, as the list names it. */
function stepOf(
  { deadlineMs }: OneParticipant,
  { step, summary }: { step: DoStep | UndoStep; summary: string },
  options: object,
) {
  const startToCloseTimeout = deadlineMs + DO_MARGIN_MS
  return proxyActivities<Activities>({ startToCloseTimeout, retry, ...effect, summary, ...options })[step]
}

/** Activities of each participant; the undoing is the call, then one statement that records it. */
export const takeFrom = forEachParticipant((one) => stepOf(one, one.do, {}))
export const giveBackTo = forEachParticipant((one) =>
  stepOf(one, one.undo, { startToCloseTimeout: one.deadlineMs + UNDO_MARGIN_MS, retry: patient }),
)

export const { confirmOrder } = proxyActivities<Activities>({
  ...STORE,
  ...effect,
  summary: 'Pivot: CREATING becomes PAYING, lines inserted, cart reduced',
})

export const { voidOrder } = proxyActivities<Activities>({
  ...STORE,
  retry: patient,
  ...effect,
  summary: 'Compensation 1: close the order unless it is confirmed',
})

export const { handOverOrders } = proxyActivities<Activities>({
  // A hundred starts on a busy machine; a heartbeat behind each few of them, by which a dead worker is missed.
  startToCloseTimeout: '2m',
  heartbeatTimeout: '10s',
  retry,
  summary: 'Start a run of its own for each order that is handed over',
})

export const { findAbandonedOrders } = proxyActivities<Activities>({
  ...STORE,
  startToCloseTimeout: ATTEMPT_MS.findAbandonedOrders,
  retry: patient,
  summary: 'Unsettled orders that no open run owns',
})

export const { startSettling } = proxyActivities<Activities>({
  // As many starts as a sweep finds orders, on a busy machine; the next sweep is as good as a fourth attempt.
  startToCloseTimeout: '2m',
  heartbeatTimeout: '10s',
  retry: { ...retry, maximumAttempts: 3 },
  summary: 'Start a run for each order that is to be settled',
})

export const { closeDue } = proxyActivities<Activities>({
  ...STORE,
  ...effect,
  summary: 'Close orders that nobody has paid in time',
})

export const { findReturning } = proxyActivities<Activities>({ ...STORE, summary: 'Closed orders that still owe what they took' })

/** Undoing of many closed orders by one step of each participant. One attempt: what it leaves another run finds. */
export const giveBackTogether = forEachParticipant(({ deadlineMs, undo: { stepOfBatch } }) => {
  const options = { startToCloseTimeout: deadlineMs + UNDO_MARGIN_MS, retry: { maximumAttempts: 1 }, ...effect }
  return proxyActivities<Activities>({ ...options, summary: 'Give back what closed orders hold' })[stepOfBatch]
})

export const { compareWithInventory } = proxyActivities<ReconciliationActivities>({
  // The next one of the Schedule is as good as a fourth attempt.
  startToCloseTimeout: ATTEMPT_MS.compareWithInventory,
  heartbeatTimeout: HEARTBEAT_MS,
  retry: { ...retry, maximumAttempts: 3 },
  summary: 'Every order against the stock and the sales of the inventory',
})

export const { deliverEventRound } = proxyActivities<EventActivities>({
  // The next run of the Schedule is as good as a fourth attempt.
  startToCloseTimeout: ATTEMPT_MS.deliverEventRound,
  heartbeatTimeout: EVENT_BEAT_MS,
  retry: { ...retry, maximumAttempts: 3 },
  summary: 'Events to the webhook: what is due again, then a page; old events removed',
})

export const { archiveRound } = proxyActivities<ArchiveActivities>({
  // The next run of the Schedule is as good as a fourth attempt.
  startToCloseTimeout: ATTEMPT_MS.archiveRound,
  retry: { ...retry, maximumAttempts: 3 },
  summary: 'Old orders to the archive, some at a time',
})
