import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { EVENTS_AT_ONCE, POSTS_AT_ONCE } from '../../activities/deliver-events.ts'
import { PARTICIPANTS } from '../../contracts/participants/list.ts'
import * as T from '../../contracts/time-budget.ts'

const { ATTEMPT_MS, DEADLINES_MS } = T
const STATEMENT = T.STORE_CONNECT_MS + T.STORE_STATEMENT_MS
const EVENT_ROUNDS = EVENTS_AT_ONCE / POSTS_AT_ONCE
const DOING = PARTICIPANTS.map(({ deadlineMs }) => deadlineMs + T.DO_MARGIN_MS)
const UNDOING = PARTICIPANTS.map(({ deadlineMs }) => deadlineMs + T.UNDO_MARGIN_MS)

/** Every inequality that the time limits have to satisfy: what it says, what has to be less, what has to be more. */
const BELOW: [says: string, less: number, more: number][] = [
  ['the answer of goods is heard', DEADLINES_MS.goods + T.TO_REPORT_MS, ATTEMPT_MS.goods],
  ['the answer of a participant is heard', T.TO_REPORT_MS, T.DO_MARGIN_MS],
  ['the answer of user is heard', DEADLINES_MS.user + T.TO_REPORT_MS, ATTEMPT_MS.user],
  ['the answer of the store is heard', STATEMENT + T.TO_REPORT_MS, ATTEMPT_MS.store],
  ['what is given back is recorded', STATEMENT + T.TO_REPORT_MS, T.UNDO_MARGIN_MS],
  ['a void looks at ended runs', T.STORE_STATEMENT_MS + T.ANSWER_MS + T.TO_REPORT_MS, ATTEMPT_MS.store],
  ['a sweep looks at the runs', STATEMENT + T.LOOK_MS + T.TO_REPORT_MS, ATTEMPT_MS.findAbandonedOrders],
  ['the reconciliation beats', T.RECONCILIATION_STATEMENT_MS, T.HEARTBEAT_MS],
  ['the reconciliation is missed before it is over', T.HEARTBEAT_MS, ATTEMPT_MS.compareWithInventory],
  [
    'each step of an order gets one attempt',
    2 * ATTEMPT_MS.store + Math.max(ATTEMPT_MS.goods, ATTEMPT_MS.user) + sum(DOING),
    T.ORDER_BUDGET_MS,
  ],
  ['the undoing is not retried more often than the doing', T.RETRY_AFTER_MS, T.UNDO_RETRY_AFTER_MS],
  [
    'orders are undone in time behind an outage',
    T.UNDO_RETRY_AFTER_MS + ATTEMPT_MS.store + Math.max(...UNDOING),
    T.SETTLED_AFTER_MS,
  ],
  ['held back calls come in time behind an outage', T.BREAKER_QUEUE_MS, T.SETTLED_AFTER_MS],
  ['the last steps of a batch fit its task', T.LANE_STEPS_MS + 2 * T.LANE_STEP_MIN_MS, T.BATCH_TASK_TIMEOUT_MS],
  ['a step of a batch leaves time for the others', 2 * T.LANE_STEP_MAX_MS, T.LANE_STEPS_MS],
  [
    'a Sell of a batch has its whole deadline behind its turn',
    T.GOODS_TURN_MS + T.SELL_AGAIN_MS + DEADLINES_MS.inventory + T.TO_REPORT_MS,
    T.LANE_DO_STEP_MS,
  ],
  ['the longest Sell of a batch leaves time to confirm', T.LANE_DO_STEP_MS + T.LANE_STEP_MIN_MS, T.LANE_STEPS_MS],
  [
    'nobody doubts a Sell that may be answered yet',
    T.GOODS_TURN_MS + DEADLINES_MS.inventory + 2 * T.STORE_STATEMENT_MS,
    T.UNDER_WAY_MS,
  ],
  ['nobody doubts a mark whose attempt goes on', Math.max(...UNDOING, T.LANE_DO_STEP_MS), T.UNDER_WAY_MS],
  ['a Sell is doubted within the budget', T.UNDER_WAY_MS + Math.max(...DOING), T.ORDER_BUDGET_MS],
  ['an answer is recorded once more within its attempt', T.STORE_AGAIN_MS + T.TO_REPORT_MS, T.DO_MARGIN_MS],
  ['a step of a batch gets something', T.LANE_STEP_MIN_MS, T.LANE_STEP_MAX_MS],
  ['the clock that ends a call may come late', 2 * T.LANE_CALL_CEILING_MS, T.LANE_STEP_MAX_MS],
  ['a call of a batch has leeway', T.LANE_CALL_FLOOR_MS, T.LANE_CALL_CEILING_MS],
  ['a second round is within the budget', 2 * T.BATCH_TASK_TIMEOUT_MS + T.SECOND_ROUND_AFTER_MS, T.ORDER_BUDGET_MS],
  ['a backend that falls silent is left out within the budget', 3 * T.HEALTH_CHECK_MS, T.ORDER_BUDGET_MS],
  ['a run that is within its budget is not stalled', T.ORDER_BUDGET_MS, T.STALLED_AFTER_MS],
  ['a run whose batch is tried again is not stalled', T.BATCH_TASK_TIMEOUT_MS, T.STALLED_AFTER_MS],
  ['the sweep leaves orders to their runs', T.ORDER_BUDGET_MS + ATTEMPT_MS.store + Math.max(...UNDOING), T.SWEEP_AFTER_MS],
  ['the sweep comes before an order counts as waiting', T.SWEEP_AFTER_MS + T.SWEEP_EVERY_MS, T.WAITS_AFTER_MS],
  [
    'a call in doubt is over before its doubt is judged',
    2 * (Math.max(...DOING, ...UNDOING) + T.ORIGINAL_LOCK_MS),
    T.DOUBT_RIPE_AFTER_MS,
  ],
  ['an addition to a cart is known for as long as anybody repeats its request', T.ORDER_BUDGET_MS, T.CART_KEY_KEPT_MS],
  ['an order can be paid before it is closed', T.PAY_GRACE_MS, T.PAY_WITHIN_MS],
  ['an order that nobody paid goes on naming its recipient for a while', T.PAY_WITHIN_MS + T.PAY_GRACE_MS, T.RECIPIENTS_KEEP_MS],
  ['no statement of a migration is cut off that goes on', T.RECONCILIATION_STATEMENT_MS, T.MIGRATION_STATEMENT_MS],
  ['a migration waits longer for its server than an order', T.STORE_CONNECT_MS, T.MIGRATION_CONNECT_MS],
  ['what is due is closed in time', T.CLOSE_EVERY_MS + T.STORE_STATEMENT_MS, T.CLOSED_AFTER_MS],
  ['the next pass that delivers does not overtake a statement', T.STORE_STATEMENT_MS, T.DELIVER_EVERY_MS],
  ['a delivery is over before its attempt counts as dead', T.EVENT_POST_MS + STATEMENT, T.EVENT_BEAT_MS],
  ['a dead delivery is missed in time', T.EVENT_BEAT_MS, T.RESUMED_AFTER_MS],
  [
    'the rests of the archiving fit its attempt, at the least share',
    T.ARCHIVE_ROUND_MS + 100 * T.STORE_STATEMENT_MS,
    ATTEMPT_MS.archiveRound,
  ],
  ['the archiving leaves most of the time to others', T.ARCHIVE_SHARE, 50],
  ['a run that archives begins soon behind one that was cut off', T.ARCHIVE_EVERY_MS, ATTEMPT_MS.archiveRound],
  ['a page of deliveries fits its attempt', 2 * EVENT_ROUNDS * T.EVENT_POST_MS + 4 * STATEMENT, ATTEMPT_MS.deliverEventRound],
  ['the pauses between deliveries grow', T.EVENT_RETRY_FIRST_MS, T.EVENT_RETRY_MAX_MS],
  ['an event is tried often before it is given up', 24 * T.EVENT_RETRY_MAX_MS, T.EVENT_GIVE_UP_MS],
  ['the feed has an event for as long as a webhook', T.EVENT_GIVE_UP_MS, T.EVENTS_KEEP_MS],
  ['what a run gives back nobody else asks for meanwhile', Math.max(...UNDOING), T.RETURNING_AFTER_MS],
  ['orders of a batch are given back one after the other', T.DO_MARGIN_MS, T.UNDO_MARGIN_MS],
  ['a cancelled order waits for others and is given back in time', 2 * T.GIVE_BACK_EVERY_MS, T.GIVEN_BACK_AFTER_MS],
  ['a start that gives back is over when a starter is', T.GIVE_BACK_EVERY_MS + T.START_DEADLINE_MS, T.GIVE_UP_AFTER_MS],
  ['runs of a dead worker go on in time', T.STICKY_QUEUE_MS, T.RESUMED_AFTER_MS],
  ['an attempt that changes something ends by itself', changingAttempts(), T.WORKER_GRACE_MS],
  ['a worker is forced only behind its grace', T.WORKER_GRACE_MS, T.WORKER_FORCE_MS],
  ['whoever was cut gets an answer', T.CUT_AFTER_MS + T.START_DEADLINE_MS, T.GIVE_UP_AFTER_MS],
]

/** The inequalities whose sides may be equal. */
const AT_MOST: [says: string, less: number, more: number][] = [
  ['a batch of a dead worker is done in time', T.BATCH_TASK_TIMEOUT_MS + T.LANE_STEPS_MS, T.RESUMED_AFTER_MS],
  ['a starter with its worker ends before it is killed', T.GIVE_UP_AFTER_MS + T.WORKER_FORCE_MS, T.KILLED_AFTER_MS],
]

describe('the time limits', () => {
  for (const [says, less, more] of BELOW) {
    it(`are such that ${says}`, () => assert.ok(less < more, `${less} ms has to be below ${more} ms`))
  }
  for (const [says, less, more] of AT_MOST) {
    it(`are such that ${says}`, () => assert.ok(less <= more, `${less} ms has to be at most ${more} ms`))
  }

  it('have one inequality each at least', () => {
    const source = readFileSync(new URL(import.meta.url), 'utf8')
    const table = source.slice(0, source.indexOf('describe('))
    const unnamed = Object.keys(T).filter((name) => !new RegExp(`\\b${name}\\b`).test(table))
    assert.deepEqual(unnamed, [])
  })
})

function changingAttempts(): number {
  const { compareWithInventory: _, deliverEventRound: __, archiveRound: ___, ...changing } = ATTEMPT_MS
  return Math.max(...Object.values(changing), ...DOING, ...UNDOING)
}

function sum(all: readonly number[]): number {
  return all.reduce((total, one) => total + one, 0)
}
