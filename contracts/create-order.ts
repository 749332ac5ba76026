import { ID, INSTANT, lineOfText, linesOfText, REQUEST_ID } from './kinds.ts'
import {
  MAX_ADDRESS_LENGTH,
  MAX_LINES,
  MAX_MOBILE_LENGTH,
  MAX_NAME_LENGTH,
  MAX_POST_LENGTH,
  MAX_SUBJECT_LENGTH,
} from './limits.ts'
import { ASKED_MONEY, MONEY } from './money.ts'
import { LINE, ORDER_LINE, ORDER_SN, STATUS } from './order.ts'
import type { DoStep, UndoStep } from './participants/list.ts'
import { body, list, listOfAtMost, optional, type TypeOf } from './schema.ts'
import { SEALED_RECIPIENT } from './sealed-recipient.ts'

/** Keys under which a fingerprint may be compared, and characters of one. */
const MAX_FINGERPRINTS = 10
const MAX_FINGERPRINT_LENGTH = 200

/** Task queue of every workflow and activity here; `TASK_QUEUE` overrides it. */
export const TASK_QUEUE = 'orders'

/** Workflow types, as they stand in histories: renaming one breaks running workflows. */
export const WORKFLOW_TYPES = {
  createOrder: 'createOrder',
  createOrders: 'createOrders',
  settleOrder: 'settleOrder',
  sweepOrders: 'sweepOrders',
  reconcileStock: 'reconcileStock',
  deliverEvents: 'deliverEvents',
  closeDueOrders: 'closeDueOrders',
  giveBackOrders: 'giveBackOrders',
  archiveOrders: 'archiveOrders',
} as const

/** The memo of a run that an order was handed over to: when its budget ends, ISO 8601. The batch has spent a part of it. */
export const BUDGET_MEMO = 'budgetEndsAt'

/** Query: where the saga stands. */
export const PROGRESS_QUERY = 'progress'

/** Fields that name the person who gets an order, and the note to the seller. No step of the saga reads them. */
const RECIPIENT_FIELDS = {
  address: lineOfText(MAX_ADDRESS_LENGTH),
  /** Name of the recipient. */
  name: lineOfText(MAX_NAME_LENGTH),
  /** Phone number of the recipient. */
  mobile: lineOfText(MAX_MOBILE_LENGTH),
  /** Note to the seller. */
  post: optional(linesOfText(MAX_POST_LENGTH)),
}

/** All else that is asked for. */
const OTHER_FIELDS = {
  /** Idempotency key, unique per user for ever. @default one made from the first run id of the workflow */
  requestId: optional(REQUEST_ID, {
    description: 'The key, for who cannot set headers; must equal Idempotency-Key if both are sent.',
  }),
  /** @default the user's checked cart rows */
  lines: optional(
    listOfAtMost(MAX_LINES, LINE, `must be a list of 1 to ${MAX_LINES} lines; leave it out to order the checked cart rows`),
    { description: "Without it the user's checked cart rows are ordered." },
  ),
  /** Total to which the buyer agreed. @default whatever the goods cost when the order is created */
  expectedTotal: optional(ASKED_MONEY, {
    description: 'The total to which the buyer agreed: an order that comes to another is refused, and nothing is sold.',
  }),
}

/**
 * An order as it is asked for: the body of `POST /orders`, and the input of `createOrder` unless recipients are sealed. Type, check, OpenAPI
 * document and fingerprint follow from this table. A field that comes later has to be optional: whoever asked before it goes on asking without it.
 */
export const ORDER_REQUEST = body(
  'OrderRequest',
  { userId: ID, ...RECIPIENT_FIELDS, ...OTHER_FIELDS },
  {
    additionalProperties: false,
    examples: [
      {
        ...{ userId: 7, address: '1 Harbour Road', name: 'A. Buyer', mobile: '13800000000' },
        ...{ lines: [{ goodsId: 1, num: 2 }], expectedTotal: { amount: 5_400, currency: 'CNY' } },
      },
    ],
  },
)

/** Subject of the caller who placed an order. It is no part of what is asked: whoever sends the request again has the same order. */
const PLACED_BY = optional(lineOfText(MAX_SUBJECT_LENGTH))

/** An order as it was asked for, and by whom. Only our doors say that; a caller can't. */
export const CLEAR_REQUEST = body('ClearRequest', { ...ORDER_REQUEST.fields, placedBy: PLACED_BY })
export type CreateOrderInput = TypeOf<typeof CLEAR_REQUEST>

/** The same with its recipient sealed: an input of `createOrder` that no caller of the front doors can send. */
export const SEALED_REQUEST = body('SealedRequest', {
  userId: ID,
  sealed: SEALED_RECIPIENT,
  /** Fingerprint of the request as it was asked for, which nobody could make of what is sealed: encrypted if there are keys, or plain. */
  fingerprints: listOfAtMost(MAX_FINGERPRINTS, lineOfText(MAX_FINGERPRINT_LENGTH), 'must be a list of fingerprints'),
  placedBy: PLACED_BY,
  ...OTHER_FIELDS,
})

/** The input of `createOrder` of which the recipient is sealed. */
export type SealedOrderInput = TypeOf<typeof SEALED_REQUEST>

/** Input of `createOrder`: the recipient in clear, or sealed. */
export type OrderInput = CreateOrderInput | SealedOrderInput

/** The person to whom an order goes, and the note to the seller. */
export type Recipient = Pick<CreateOrderInput, keyof typeof RECIPIENT_FIELDS>

/** A request that has its name, its recipient in clear. */
export type NamedRequest = CreateOrderInput & { requestId: string }

/** A checked input: texts within their limits, equal goods merged in goods-id order, the request named. */
export type OrderRequest = OrderInput & { requestId: string }

/** An answer as the document shows it. */
export const CREATED_EXAMPLE = {
  ...{ orderSn: 'MFRGGZDFMZTWQ2LK', status: 'PAYING', total: { amount: 5_400, currency: 'CNY' } },
  payDeadline: '2030-01-01T00:30:00.000Z',
  lines: [{ goodsId: 1, name: 'Tea', image: 'https://shop.example/tea.png', price: { amount: 2_700, currency: 'CNY' }, num: 2 }],
}

/** Result of `createOrder`: what the store holds, never a computed answer. */
export const CREATED_ORDER = body(
  'CreatedOrder',
  { orderSn: ORDER_SN, status: STATUS, total: MONEY, payDeadline: INSTANT, lines: list(ORDER_LINE) },
  { examples: [CREATED_EXAMPLE] },
)
export type CreateOrderResult = TypeOf<typeof CREATED_ORDER> & {
  /**
   * The integer by which callers of the gRPC contract name the order. Over HTTP nobody hears of it. Absent from results of workers of before
   * it stood here, and of orders to which `migrate` has not come.
   */
  id?: number
}

/** The part of a request that names it, and with it its order. */
export interface RequestKey {
  userId: number
  requestId: string
}

/**
 * Workflow Id by which our own starters make equal requests meet in one run: equal requests have one order number. A Workflow Id is never
 * encrypted, so it does not hold the caller's key, which may name a person.
 */
export function createOrderWorkflowId(orderSn: string): string {
  return `create-order/${orderSn}`
}

/** Workflow Id of the same run if a build of before started it, which named runs after their keys: it may be open during an upgrade. */
export function formerWorkflowId({ userId, requestId }: RequestKey): string {
  return `create-order/${userId}/${requestId}`
}

/** Workflow Id under which an order is settled whose own run left it. */
export function settleOrderWorkflowId(orderSn: string): string {
  return `settle-order/${orderSn}`
}

/** Workflow Id under which it is settled while a run that does not get on occupies the other one. */
export function settleBesideWorkflowId(orderSn: string): string {
  return `settle-order/${orderSn}/beside`
}

/** Steps of `createOrder`, in their order; `settled` is the end of a compensation. */
export type SagaStepName =
  | 'openOrder'
  | 'getUser and batchGetGoods'
  | DoStep
  | 'confirmOrder'
  | 'voidOrder'
  | UndoStep
  | 'confirmed'
  | 'settled'

/** Answer of the query `progress`. */
export interface Progress {
  step: SagaStepName
  /** Order number, known once openOrder is done. */
  orderSn?: string
  /** Distinct goods; known once openOrder is done. */
  lines?: number
  /** Parts that the compensation has undone so far, in its order. */
  undone: string[]
  /** Type of the failure that is being compensated. */
  failure?: string
}
