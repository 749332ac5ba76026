import { CALLER_FAILURES } from './caller-failures.ts'
import type { FailureDetails } from './failure-details.ts'
import type { FailureRow } from './failure-row.ts'

/**
 * A refusal of an order is final for its key: it is stored, and every repeat of the request gets it. So whatever is to be sent again,
 * mended or not, needs another key.
 */
const newKey = 'a new idempotency key'
const again = `send the request again with ${newKey}`
const withoutThem = `leave out the goods named in goodsIds; an order goes with ${newKey} then`

/**
 * Every failure a caller can meet. The table of docs/failures.md and the HTTP answers are held to it by a test. The types stand in
 * histories and in the store: renaming one is a breaking change.
 */
export const FAILURES = {
  GoodsNotFound: {
    code: 10001,
    grpc: 'NOT_FOUND',
    http: 404,
    retried: false,
    raisedBy: 'createOrder (pricing), putting into a cart',
    title: 'Goods that the shop does not know',
    advice: withoutThem,
  },
  InsufficientStock: {
    code: 10002,
    grpc: 'RESOURCE_EXHAUSTED',
    http: 422,
    retried: false,
    raisedBy: 'sell',
    title: 'Not enough stock',
    advice: `order fewer pieces, or other goods, with ${newKey}`,
  },
  ServiceUnavailable: {
    code: 10003,
    grpc: 'UNAVAILABLE',
    http: 503,
    retried: true,
    raisedBy: 'every activity, the HTTP starter',
    retryAfter: true,
    title: 'A service is not available',
    advice: 'send the same request again after the time in Retry-After',
  },
  GoodsOffSale: {
    code: 10004,
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retried: false,
    raisedBy: 'createOrder (pricing), putting into a cart',
    title: 'Goods off sale',
    advice: withoutThem,
  },
  EmptyCart: {
    code: 10005,
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retried: false,
    raisedBy: 'openOrder',
    title: 'No checked goods in the cart',
    advice: `put goods into the cart and check them, or send lines; then order with ${newKey}`,
  },
  OrderInProgress: {
    code: 10006,
    grpc: 'RESOURCE_EXHAUSTED',
    http: 409,
    retried: false,
    raisedBy: 'openOrder',
    retryAfter: true,
    title: 'Another order of this user in progress',
    advice: `wait until it is done (over HTTP at least the time in Retry-After), then ${again}: this key stays refused`,
  },
  IdempotencyKeyReused: {
    code: 10007,
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retried: false,
    raisedBy: 'openOrder, the HTTP starter',
    title: 'The idempotency key was used for another request',
    advice: `repeat a request unchanged, or send the other one with ${newKey}`,
  },
  InvalidInput: {
    code: 10008,
    grpc: 'INVALID_ARGUMENT',
    http: 400,
    retried: false,
    raisedBy: 'createOrder, openOrder, the HTTP starter',
    title: 'The request is not valid',
    advice: `mend each field named in fields; an order goes with ${newKey} then`,
  },
  UserNotFound: {
    code: 10009,
    grpc: 'NOT_FOUND',
    http: 404,
    retried: false,
    raisedBy: 'getUser',
    title: 'No such user',
    advice: `check the user id; once it is right, ${again}`,
  },
  PriceNotExact: {
    code: 10010,
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retried: false,
    raisedBy: 'createOrder (pricing)',
    title: 'Goods without an exact price',
    advice: `the shop has to mend the price of the goods named in goodsIds; until then leave them out, and order with ${newKey}`,
  },
  OrderClosed: {
    code: 10011,
    grpc: 'ABORTED',
    http: 409,
    retried: false,
    raisedBy: 'openOrder, confirmOrder, sell',
    title: 'The order was closed before it was confirmed',
    advice: again,
  },
  OrderTimedOut: {
    code: 10012,
    grpc: 'DEADLINE_EXCEEDED',
    http: 504,
    retried: false,
    raisedBy: 'createOrder (30 s budget)',
    title: 'The order could not be created in time',
    advice: `no stock will stay held; ${again}`,
  },
  OrderCancelled: {
    code: 10013,
    grpc: 'CANCELLED',
    http: 409,
    retried: false,
    raisedBy: 'createOrder, when its run was cancelled',
    title: 'The creation of the order was cancelled',
    advice: `no stock will stay held; ${again}`,
  },
  CompensationFailed: {
    code: 10014,
    grpc: 'INTERNAL',
    http: 500,
    retried: false,
    raisedBy: 'createOrder, settleOrder',
    title: 'A compensation was refused',
    advice: 'an operator has to settle what undone and owed name; the sweep goes on trying',
  },
  ServiceRejected: {
    code: 10015,
    grpc: 'INTERNAL',
    http: 502,
    retried: false,
    raisedBy: 'every activity that calls a service, putting into a cart',
    title: 'A service rejected our call',
    advice: `an operator has to compare versions and credentials of the service named in service; then ${again}`,
  },
  OrderNotFound: {
    code: 10016,
    grpc: 'NOT_FOUND',
    http: 404,
    retried: false,
    raisedBy: 'GET /orders/{orderSn}',
    title: 'The order does not exist',
    advice: 'check the order number',
  },
  CartItemNotFound: {
    code: 10017,
    grpc: 'NOT_FOUND',
    http: 404,
    retried: false,
    raisedBy: 'GET, PATCH and DELETE cart item',
    title: 'The goods are not in the cart',
    advice: 'check the goods id',
  },
  RouteNotFound: {
    code: 10018,
    grpc: 'UNIMPLEMENTED',
    http: 404,
    retried: false,
    raisedBy: 'the HTTP starter',
    title: 'No such path',
    advice: 'see /docs for the paths',
  },
  BodyTooLarge: {
    code: 10019,
    grpc: 'RESOURCE_EXHAUSTED',
    http: 413,
    retried: false,
    raisedBy: 'the HTTP starter',
    title: 'The body is too large',
    advice: 'send fewer lines; 1,000 distinct goods make an order',
  },
  UnsupportedMediaType: {
    code: 10020,
    grpc: 'INVALID_ARGUMENT',
    http: 415,
    retried: false,
    raisedBy: 'the HTTP starter',
    title: 'The body is not JSON',
    advice: 'send Content-Type: application/json',
  },
  OrderInDoubt: {
    code: 10021,
    grpc: 'ABORTED',
    http: 202,
    retried: false,
    raisedBy: 'sell, reback, createOrder, settleOrder (INVENTORY_MODE=unkeyed)',
    title: 'Whether stock was taken or given back is not known',
    advice: 'an operator settles the order by what the inventory holds; look at it until then, and do not order again',
  },
  MethodNotAllowed: {
    code: 10022,
    grpc: 'UNIMPLEMENTED',
    http: 405,
    retried: false,
    raisedBy: 'the HTTP starter (any other method)',
    title: 'The path does not take this method',
    advice: 'use one of the methods in the header Allow',
  },
  OrderNotReady: {
    code: 10023,
    grpc: 'ABORTED',
    http: 409,
    retried: false,
    raisedBy: 'payments, cancel, finish, delete',
    retryAfter: true,
    title: 'The order is not settled yet',
    advice: 'nothing was recorded; come again after the time in Retry-After',
  },
  MoveNotAllowed: {
    code: 10024,
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retried: false,
    raisedBy: 'cancel, finish, delete',
    title: 'The status of the order does not allow this',
    advice: 'look at the order: only an unpaid one can be cancelled, a paid one finished, a closed or unpaid one deleted',
  },
  OrderPaid: {
    code: 10025,
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retried: false,
    raisedBy: 'cancel, delete',
    title: 'The order is paid',
    advice:
      'a paid order is not cancelled here: agree with the buyer on a return, and give the money back at the payment service',
  },
  PaymentLate: {
    code: 10026,
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retried: false,
    raisedBy: 'payments',
    title: 'The order was closed before it was paid',
    advice: 'the payment is recorded, and owes a refund; do not send it again',
  },
  PaymentDuplicate: {
    code: 10027,
    grpc: 'FAILED_PRECONDITION',
    http: 409,
    retried: false,
    raisedBy: 'payments',
    title: 'The order is paid by another payment',
    advice: 'the payment is recorded, and owes a refund; do not send it again',
  },
  PaymentMismatch: {
    code: 10028,
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retried: false,
    raisedBy: 'payments',
    title: 'Amount or currency of the payment are not those of the order',
    advice: 'the payment is recorded, and owes a refund; the order waits for a payment of its total',
  },
  PaymentReused: {
    code: 10029,
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retried: false,
    raisedBy: 'payments',
    title: 'The payment was reported with another order or amount',
    advice: 'nothing was changed; report a payment as it was reported first, and each payment under its own number',
  },
  PaymentNotFound: {
    code: 10030,
    grpc: 'NOT_FOUND',
    http: 404,
    retried: false,
    raisedBy: 'npm run orders -- refunded',
    title: 'No such payment was reported',
    advice: 'check provider and payment id; npm run orders -- refunds lists what is owed',
  },
  PriceChanged: {
    code: 10031,
    grpc: 'FAILED_PRECONDITION',
    http: 422,
    retried: false,
    raisedBy: 'createOrder (pricing)',
    title: 'The order costs something else than its buyer agreed to',
    advice: `show the buyer the new prices; if they agree, send the order with ${newKey} and the new total`,
  },
  OrderPending: {
    code: 10034,
    grpc: 'DEADLINE_EXCEEDED',
    http: 202,
    retried: false,
    raisedBy: 'OrderCreate of OrderService',
    title: 'What becomes of the order is not known yet',
    advice: 'it may still come: send the same request again, or look at the order named in orderSn; do not order anew',
  },
  CartChanged: {
    code: 10037,
    grpc: 'ABORTED',
    http: 409,
    retried: false,
    raisedBy: 'openOrder',
    retryAfter: true,
    title: 'The cart was changed while it was being ordered',
    advice: `nothing was ordered; look at the cart, and after the time in Retry-After ${again}, or without one`,
  },
  RecipientErased: {
    code: 10044,
    grpc: 'FAILED_PRECONDITION',
    http: 410,
    retried: false,
    raisedBy: 'openOrder, GET recipient',
    title: 'The recipient was erased',
    advice: `what was erased does not come back; if it was an order that was being placed, ${again}`,
  },
  ...CALLER_FAILURES,
  InternalError: {
    code: 10099,
    grpc: 'INTERNAL',
    http: 500,
    retried: false,
    raisedBy: 'any part, by a defect of ours',
    title: 'Internal error',
    advice: `report it with the order number, where there is one, and look at the order: it may stand; if it is closed, ${again}`,
  },
} as const satisfies Record<string, FailureRow>

export type FailureType = keyof typeof FAILURES

/** A failure as it is stored and handed around. */
export interface Failure {
  type: FailureType
  code: number
  message: string
  details: FailureDetails
}

/** Reports whether a failure is final: no retry of the same call mends it. All others are transient. */
export function isRefusal({ type }: Pick<Failure, 'type'>): boolean {
  return !FAILURES[type].retried
}

/** One bad field of an input: its path (`lines[2].num`) and what it has to be. */
export interface FieldProblem {
  field: string
  problem: string
}

/** @param message what happened, to what; the table's advice is appended */
export function failure(type: FailureType, message: string, details: FailureDetails = {}): Failure {
  const row: FailureRow = FAILURES[type]
  return { type, code: row.code, message: `${message}: ${row.advice}`, details }
}
