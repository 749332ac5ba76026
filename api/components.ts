import { CART, CART_ADDITION, CART_ITEM, CART_ITEM_CHANGE, CART_ITEM_REQUEST } from '../contracts/cart-item.ts'
import { CREATED_EXAMPLE, CREATED_ORDER, ORDER_REQUEST } from '../contracts/create-order.ts'
import { EVENT, EVENT_DATA, EVENT_PAGE, EVENT_PAYMENT } from '../contracts/event.ts'
import { DETAIL_BODIES, FAILURE_DETAILS } from '../contracts/failure-details.ts'
import { FAILURES } from '../contracts/failures.ts'
import { anyInteger, anyText, ID, INSTANT, lineOfText, oneOf } from '../contracts/kinds.ts'
import { MAX_REASON_LENGTH } from '../contracts/limits.ts'
import { MONEY } from '../contracts/money.ts'
import { CLOSED_FOR, LINE, ORDER_LINE, ORDER_SN, STATUS, STOCK_STATE } from '../contracts/order.ts'
import { PAYMENT, PAYMENT_REQUEST } from '../contracts/payment.ts'
import { type Body, body, type Fields, ifKnown, list, optional, type TypeOf } from '../contracts/schema.ts'

const failure = (description: string) => oneOf(Object.keys(FAILURES), description)

/** An order of which more is not known yet. */
export const PENDING_ORDER = body(
  'PendingOrder',
  { orderSn: ORDER_SN, status: STATUS },
  { examples: [{ orderSn: CREATED_EXAMPLE.orderSn, status: 'CREATING' }] },
)

const REFUSAL = body(
  'Refusal',
  { type: failure('Why.'), code: anyInteger(), message: anyText() },
  { description: 'Why an order was closed before it was confirmed.' },
)

/** State of the run of an order. */
export const SAGA = body(
  'Saga',
  {
    workflowId: anyText(),
    step: ifKnown(anyText()),
    undone: ifKnown(list(anyText())),
    failure: ifKnown(anyText()),
    url: ifKnown(anyText({ format: 'uri', description: 'The run in the Temporal web UI.' })),
  },
  { description: 'The run, while the order is not settled; without step if no worker could report it.' },
)
export type SagaView = TypeOf<typeof SAGA>

/** The members of an order that a list shows as well as the order by itself. */
const SUMMARY = {
  orderSn: ORDER_SN,
  userId: ifKnown(ID),
  status: STATUS,
  total: ifKnown(MONEY),
  createdAt: ifKnown(INSTANT),
  payDeadline: ifKnown(INSTANT),
  paidAt: ifKnown(INSTANT),
  finishedAt: ifKnown(INSTANT),
  closedAt: ifKnown(INSTANT),
  closedFor: ifKnown(oneOf(CLOSED_FOR, 'Why it was closed; refused: before it was confirmed, and refusal says more.')),
}
const SUMMARY_EXAMPLE = {
  ...{ orderSn: CREATED_EXAMPLE.orderSn, userId: 7, status: CREATED_EXAMPLE.status, total: CREATED_EXAMPLE.total },
  ...{ createdAt: '2030-01-01T00:00:00.000Z', payDeadline: CREATED_EXAMPLE.payDeadline },
}

/** The person to whom an order goes, and the note to the seller. */
export const RECIPIENT = body(
  'Recipient',
  { address: anyText(), name: anyText(), mobile: anyText(), post: ifKnown(anyText({ description: 'The note to the seller.' })) },
  { examples: [{ address: '1 Harbour Road', name: 'A. Buyer', mobile: '13800000000' }] },
)

/** An order in a list. */
export const ORDER_SUMMARY = body('OrderSummary', SUMMARY, { examples: [SUMMARY_EXAMPLE] })
export type OrderSummary = TypeOf<typeof ORDER_SUMMARY>

/** One page of a user's orders. */
export const ORDER_LIST = body(
  'OrderList',
  {
    orders: list(ORDER_SUMMARY, { description: 'The youngest first.' }),
    next: ifKnown(anyText({ description: 'The value of after by which the next page follows; absent on the last one.' })),
  },
  { examples: [{ orders: [SUMMARY_EXAMPLE], next: `1893456000000000-${CREATED_EXAMPLE.orderSn}` }] },
)

/** An order as anybody who knows its number may see it: no personal data. */
export const ORDER = body(
  'Order',
  {
    ...SUMMARY,
    stockState: STOCK_STATE,
    payments: ifKnown(list(PAYMENT, { description: 'All that were reported, in that order.' })),
    lines: list(ORDER_LINE, { description: 'Empty until the order is confirmed.' }),
    inDoubt: ifKnown(
      list(LINE, {
        description: 'What was to be sold or given back, if it is unknown whether it was: an operator settles the order.',
      }),
    ),
    refusal: ifKnown(REFUSAL),
    saga: ifKnown(SAGA),
  },
  { examples: [{ ...SUMMARY_EXAMPLE, lines: CREATED_EXAMPLE.lines, stockState: 'sold' }] },
)
export type OrderView = TypeOf<typeof ORDER>

/** A problem document (RFC 9457). The members of the failure's details, `fields` or `goodsIds` say, stand beside the first six. */
export const PROBLEM = body(
  'Problem',
  {
    ...FAILURE_DETAILS,
    /** Relative reference to the failure's entry in the page that explains them. */
    type: anyText({ format: 'uri-reference' }),
    title: anyText(),
    status: anyInteger(),
    detail: anyText(),
    /** Business code of the failure table. */
    code: anyInteger({ description: 'Business code.' }),
    /** Failure type, as it stands in workflow histories. */
    failure: failure('What happened, by name.'),
  },
  { description: 'RFC 9457, with the details of the failure beside it.' },
)

/** The body of `POST /orders/{orderSn}/cancel`. */
export const CANCEL_REQUEST = body(
  'CancelRequest',
  { reason: optional(lineOfText(MAX_REASON_LENGTH), { description: 'Kept in the audit trail of the order.' }) },
  { additionalProperties: false, examples: [{ reason: 'ordered the wrong size' }] },
)

/** Answer of a probe. */
export const HEALTH = body('Health', { status: anyText() })

/** Every object that goes in or out: `components.schemas` of the document. */
export const COMPONENTS: readonly Body<Fields>[] = [
  ...[MONEY, LINE, ORDER_LINE, ORDER_REQUEST, CREATED_ORDER, PENDING_ORDER, ORDER, ORDER_SUMMARY, ORDER_LIST, REFUSAL, SAGA],
  ...[PAYMENT_REQUEST, PAYMENT, CANCEL_REQUEST, RECIPIENT],
  ...[CART_ITEM, CART, CART_ITEM_REQUEST, CART_ADDITION, CART_ITEM_CHANGE, PROBLEM, ...DETAIL_BODIES, HEALTH],
  ...[EVENT, EVENT_DATA, EVENT_PAYMENT, EVENT_PAGE],
]
