import { FAILURE_DETAILS } from '../contracts/failure-details.ts'
import { FAILURES } from '../contracts/failures.ts'
import { anyInteger, anyText, FLAG, flag, ID, INSTANT, oneOf } from '../contracts/kinds.ts'
import { MONEY } from '../contracts/money.ts'
import { CLOSED_FOR, LINE, ORDER_LINE, STATUS, STOCK_STATE } from '../contracts/order.ts'
import { body, ifKnown, list, type TypeOf } from '../contracts/schema.ts'
import { AUDIT_VERBS } from '../store/audit.ts'
import { STEP_OUTCOMES } from '../temporal/saga-steps.ts'
import { ORDER_PAYMENT } from './order-payment.ts'

const NUMBER = anyText({ description: 'The number of the order.' })

const STORED_FAILURE = body('StoredFailure', {
  type: oneOf(Object.keys(FAILURES), 'What happened, by name.'),
  code: anyInteger(),
  message: anyText(),
  details: body('StoredFailureDetails', {
    ...FAILURE_DETAILS,
    failure: ifKnown(anyText({ description: 'The failure for which it was being undone.' })),
    status: ifKnown(anyText({ description: 'The gRPC status by which a call ended.' })),
    said: ifKnown(anyText({ description: 'What a service said in its own words.' })),
  }),
})

const STORED_ORDER = body('StoredOrder', {
  orderSn: NUMBER,
  id: ifKnown(anyInteger({ description: 'The integer by which callers of the gRPC contract name it.' })),
  userId: ID,
  status: STATUS,
  stockState: STOCK_STATE,
  owed: list(anyText(), { description: 'The participants to whom it owes what it may hold of them.' }),
  keyed: FLAG,
  placedBy: ifKnown(anyText({ description: 'The subject of the caller who placed it, if callers were known.' })),
  workflowId: anyText({ description: 'The run that opened it.' }),
  total: ifKnown(MONEY),
  payDeadline: ifKnown(INSTANT),
  lines: list(ORDER_LINE, { description: 'Empty until the order is confirmed.' }),
  paidAt: ifKnown(INSTANT),
  finishedAt: ifKnown(INSTANT),
  closedAt: ifKnown(INSTANT),
  closedFor: ifKnown(oneOf(CLOSED_FOR, 'Why it was closed; refused: before it was confirmed, and refusal says more.')),
  deletedAt: ifKnown(INSTANT),
  refusal: ifKnown(STORED_FAILURE),
  expectedTotal: ifKnown(MONEY),
  inDoubt: ifKnown(list(LINE, { description: 'What was to be sold or given back, if nobody knows whether it was.' })),
  importedSn: ifKnown(anyText({ description: 'The number in the service that this one replaces.' })),
  createdAt: INSTANT,
})

const SAGA_STEP = body('SagaStep', {
  activity: anyText(),
  summary: anyText(),
  attempt: anyInteger({ description: 'The attempt that ended the step, or is under way; from 1.' }),
  durationMs: ifKnown(anyInteger({ description: 'With all attempts and their pauses; absent while the step is open.' })),
  outcome: oneOf(STEP_OUTCOMES, 'How it ended.'),
  shared: ifKnown(flag({ description: 'The step was made for all orders of a batch at once.' })),
})

/** One run that was at the order. */
const ORDER_RUN = body('OrderRun', {
  workflowId: anyText(),
  type: anyText(),
  status: anyText({
    description:
      "In Temporal's words: RUNNING, COMPLETED, FAILED, …; STALLED if the run is open and no worker takes its tasks, UNKNOWN if it cannot be asked about.",
  }),
  paused: ifKnown(list(anyText(), { description: 'The types of its activities that somebody paused.' })),
  url: ifKnown(anyText({ format: 'uri', description: 'The run in the Temporal web UI.' })),
  steps: list(SAGA_STEP),
})
export type OrderRun = TypeOf<typeof ORDER_RUN>

const AUDITED_STATE = body('AuditedState', { status: ifKnown(STATUS), stockState: ifKnown(STOCK_STATE) })

const AUDIT_ENTRY = body('AuditEntry', {
  orderSn: NUMBER,
  at: INSTANT,
  verb: oneOf(AUDIT_VERBS, 'What was done.'),
  by: anyText(),
  why: anyText(),
  before: AUDITED_STATE,
  after: AUDITED_STATE,
  role: ifKnown(anyText({ description: 'The account of PostgreSQL that wrote it.' })),
})

/** All that is known of one order; no personal data. */
export const SHOWN_ORDER = body('ShownOrder', {
  order: STORED_ORDER,
  pieces: list(LINE, { description: 'What was ordered, or confirmed.' }),
  payments: list(ORDER_PAYMENT, { description: 'All that were reported, in that order.' }),
  ledger: ifKnown(
    body(
      'Sale',
      { state: oneOf(['NONE', 'SOLD', 'RETURNED', 'UNREACHABLE'], 'What the inventory says.'), lines: list(LINE) },
      { description: 'The sale that the inventory holds for the order; absent if the inventory keeps no ledger.' },
    ),
  ),
  runs: list(ORDER_RUN, { description: 'Those that the server still remembers, the first that was at it first.' }),
  answeredBy: ifKnown(
    anyText({ description: 'The run that has ended and calls the order confirmed, if the store does not know it.' }),
  ),
  audit: list(AUDIT_ENTRY, { description: 'The oldest first.' }),
})
export type ShownOrder = TypeOf<typeof SHOWN_ORDER>
