import { forEachParticipant } from './participants/list.ts'

/**
 * The time limits that depend on each other, in milliseconds, from one call outwards to the sweep. What each has to be above or below
 * stands beside it, and test/contracts/time-budget.test.ts asserts all of it: whoever changes one sees there which others go with it.
 */

/** Deadline of one call to each service (docs/origin.md). Below an attempt at its step, so that the service's own answer is heard. */
export const DEADLINES_MS = { goods: 5_000, user: 2_000, ...forEachParticipant(({ deadlineMs }) => deadlineMs) } as const
/** The wait for a connection to PostgreSQL; together with one statement below an attempt at a step of the store. */
export const STORE_CONNECT_MS = 2_000
/** One statement of a step; see STORE_CONNECT_MS. */
export const STORE_STATEMENT_MS = 2_500
/** One health check of a backend (docs/origin.md); the next one begins no sooner. */
export const HEALTH_CHECK_MS = 3_000
/** All looks of a sweep at the runs of one order. Behind its one statement they still end within the attempt. */
export const LOOK_MS = 5_000
/** All looks of a void at runs that have ended. Beside a statement they still end within the attempt. */
export const ANSWER_MS = 3_000
/** One statement of the reconciliation: a sum over all orders. Below HEARTBEAT_MS, since it beats between two statements. */
export const RECONCILIATION_STATEMENT_MS = 60_000
/** Time that an attempt keeps for reporting its outcome: a call ends so long before its attempt. */
export const TO_REPORT_MS = 200

/** One statement of a migration: the longest builds an index of a large table, as long as that takes. */
export const MIGRATION_STATEMENT_MS = 86_400_000
/** The wait for a migration's connection: a server that has just started, on a machine that is busy, may need longer than orders wait. */
export const MIGRATION_CONNECT_MS = 60_000

/**
 * One attempt at a step (startToClose), by what it asks; how long an attempt is missed whose worker died. Above the deadline of
 * the party, and one attempt at each step of an order fits its budget.
 */
export const ATTEMPT_MS = {
  store: 6_000,
  goods: 6_000,
  user: 3_000,
  /** One statement, then looks at runs. */
  findAbandonedOrders: 10_000,
  /**
   * Reads, and settles doubts by one statement each; it beats: it may take longer than a worker takes to stop. It reads every order, so 5,000,000 take it some ten minutes
   * (docs/maintenance.md#what-the-comparison-costs).
   */
  compareWithInventory: 3_600_000,
  /** A page of events to a receiver that answers none: cut off by a worker that stops, they are delivered once more. */
  deliverEventRound: 120_000,
  /** Batches for ARCHIVE_ROUND_MS, and the longest rest; cut off by a worker that stops, it loses nothing. Nobody waits for it, nor misses it sooner. */
  archiveRound: 600_000,
} as const
/** Time that an attempt at a participant's `do` has beyond the deadline of its call. */
export const DO_MARGIN_MS = 2_000
/** The same of its `undo`, which records it by one statement more. */
export const UNDO_MARGIN_MS = 5_000
/** Time that the reconciliation may go without a beat before it counts as dead. */
export const HEARTBEAT_MS = 120_000

/** The longest pause between two attempts of the doing: work resumes within 2 s of a service's return. */
export const RETRY_AFTER_MS = 1_000
/**
 * The longest pause between two attempts of the undoing. In a long outage the orders that wait to be undone become ever more, and with
 * RETRY_AFTER_MS their attempts alone were more than the Temporal server could do (docs/outages.md). With the
 * attempts at both undos it stays below SETTLED_AFTER_MS.
 */
export const UNDO_RETRY_AFTER_MS = 10_000
/** Time for which the key of an addition to a cart is remembered. */
export const CART_KEY_KEPT_MS = 24 * 3_600_000
/** The longest that a circuit breaker makes a call wait beside its own time; below SETTLED_AFTER_MS. */
export const BREAKER_QUEUE_MS = 10_000
/** Time within which open orders are settled once a service is back. */
export const SETTLED_AFTER_MS = 30_000

/**
 * Time-out of a batch's workflow task. If its worker dies, another begins the task anew when this is over: with all steps again it
 * stays within RESUMED_AFTER_MS. A batch's steps, at most five (prepare, sell, confirm, void, reback), are local activities of that one
 * task, and a workflow timer can't cut a local activity.
 */
export const BATCH_TASK_TIMEOUT_MS = 8_000
/** All steps of a batch together; with what is left for a step at least, twice, below the task's time-out. */
export const LANE_STEPS_MS = 7_000
/** One step, the store's statements included: each serves the whole batch, so that to give it up early would spare nobody. */
export const LANE_STEP_MAX_MS = 3_000
/**
 * A step that takes from a participant: beside the turn that it waits for, each call that has no key has its participant's whole deadline, since one that
 * is cut off leaves its order in doubt.
 */
export const LANE_DO_STEP_MS = 5_000
/** Time that a Sell without a key waits for those of the same goods before it: a healthy inventory sells a hundred times meanwhile. */
export const GOODS_TURN_MS = 1_000
/** Pause, on average half of it, before a second round of a batch's Sells without keys; each further one is longer by as much. */
export const SELL_AGAIN_MS = 50
/** Pause between two attempts to mark a call without a key, and to record its answer. */
export const STORE_AGAIN_MS = 100
/** Time that a step gets if those before it took all: enough for a healthy machine, since the undoing comes last. */
export const LANE_STEP_MIN_MS = 300
/**
 * Time after which the orders of a batch that only lack an answer about user or goods are tried once more: a service that is
 * restarted behind its balancer, or a pause of the machine, is over by then. As a timer it ends the workflow task; the second
 * round has a whole one to itself.
 */
export const SECOND_ROUND_AFTER_MS = 1_000
/** A call is one order's, and the others wait for it. A healthy service answers within a fraction of it. */
export const LANE_CALL_FLOOR_MS = 300
/**
 * Longest time of a call, at most half a step: on a busy machine the clock that ends a call comes late, and a step that is cut
 * off fails all of its orders.
 */
export const LANE_CALL_CEILING_MS = 1_200

/** Time that the creation of an order may take before it is settled (docs/origin.md). */
export const ORDER_BUDGET_MS = 30_000
/** Time that a run may get nowhere before it counts as stalled: above an order's budget, and above a batch's workflow task. */
export const STALLED_AFTER_MS = 60_000
/** Default of SWEEP_AFTER_MS, which has to be above the budget: a younger order is its own run's, and a sweep would only race it. */
export const SWEEP_AFTER_MS = 60_000
/** Default of SWEEP_EVERY_MS. */
export const SWEEP_EVERY_MS = 30_000
/** Age of an order that waits for the other INVENTORY_MODE: twice SWEEP_AFTER_MS, by then a worker under it would have settled it. */
export const WAITS_AFTER_MS = 120_000

/** Time that the original inventory holds a lock of a call that it lost: until then it may still apply the call (docs/origin.md). */
export const ORIGINAL_LOCK_MS = 15_000
/**
 * Age of a doubt from which on its call is applied or never will be: above the longest time from its mark in the store to its end in the
 * inventory, several times over.
 */
export const DOUBT_RIPE_AFTER_MS = 60_000

/** Default of PAY_WITHIN_MS: time from the confirmation of an order to the end of its payment (docs/origin.md). */
export const PAY_WITHIN_MS = 1_800_000
/** Default of PAY_GRACE_MS: time after its deadline at which an order is closed, for payments that are reported late. */
export const PAY_GRACE_MS = 120_000
/** Time between two passes that close what is due: with the pass itself below CLOSED_AFTER_MS. */
export const CLOSE_EVERY_MS = 5_000
/**
 * Time for which an order that was just closed is left to the run that gives back what it holds: above an attempt at that, so that nobody asks
 * for the same while it is under way.
 */
export const RETURNING_AFTER_MS = 10_000
/**
 * Time for which a Sell without a key is left to whoever sent it, from its mark on: above its turn, its call and the statement that records the answer. After that
 * nobody waits for it any more, and its order is in doubt.
 */
export const UNDER_WAY_MS = 10_000
/** Time between two starts of runs that give back what cancelled orders hold: those of one moment share a run. */
export const GIVE_BACK_EVERY_MS = 250
/** Time within which the stock of a cancelled order is back if all services are well. */
export const GIVEN_BACK_AFTER_MS = 2_000
/** Time after deadline and grace within which an order is closed. */
export const CLOSED_AFTER_MS = 10_000

/** Default of RECIPIENTS_KEEP_MS: time after its end for which an order names its recipient, so that returns and complaints are settled by then. */
export const RECIPIENTS_KEEP_MS = 7_776_000_000

/** Default of EVENTS_KEEP_MS: above EVENT_GIVE_UP_MS, so that a reader of the feed has as long as a webhook. */
export const EVENTS_KEEP_MS = 604_800_000
/** Time between two runs that move old orders into the archive; a run goes on for as long as there are any. */
export const ARCHIVE_EVERY_MS = 300_000
/** Default of ARCHIVE_SHARE: percentage of the time for which a batch may be under way. */
export const ARCHIVE_SHARE = 10
/** Time for which one attempt begins further batches. */
export const ARCHIVE_ROUND_MS = 60_000
/** Time between two passes that deliver events. */
export const DELIVER_EVERY_MS = 5_000
/** One delivery of an event to a webhook, its answer included. Between two of them an attempt beats. */
export const EVENT_POST_MS = 5_000
/** Pause behind the first failed attempt to deliver an event; each is twice the one before, up to EVENT_RETRY_MAX_MS. */
export const EVENT_RETRY_FIRST_MS = 5_000
export const EVENT_RETRY_MAX_MS = 3_600_000
/** Time for which the delivery of an event is tried; then it is an operator's. */
export const EVENT_GIVE_UP_MS = 259_200_000
/** Time that an attempt at delivering may go without a beat before it counts as dead: above EVENT_POST_MS and a statement. */
export const EVENT_BEAT_MS = 12_000

/** Time within which another worker goes on with the work of a dead one. */
export const RESUMED_AFTER_MS = 15_000
/** Time for which a dead worker's sticky queue holds its runs; the SDK's default is 10 s. */
export const STICKY_QUEUE_MS = 3_000
/** Time that a worker that stops gives attempts to end by themselves: above every attempt at a step that changes something. */
export const WORKER_GRACE_MS = 12_000
/** Time after which a worker that stops waits for nothing any more. */
export const WORKER_FORCE_MS = 20_000
/**
 * Time that Temporal may take to acknowledge a start. Beyond it the start's fate is unknown; a healthy server takes milliseconds.
 */
export const START_DEADLINE_MS = 3_000
/** Time after which a starter that stops answers 202 to requests that wait for their order. */
export const CUT_AFTER_MS = 5_000
/**
 * Time after which a starter that stops waits for no request any more; requests that were cut are answered by then, a start
 * included.
 */
export const GIVE_UP_AFTER_MS = 10_000
/**
 * Time that an orchestrator gives a process before SIGKILL (docs/upgrades.md): the drain and the worker's end, one after the
 * other.
 */
export const KILLED_AFTER_MS = 30_000
