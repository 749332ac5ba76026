import { FAILURES, type FailureRow, type FailureType, refusal } from '../contracts/failures.ts'
import {
  MAX_ADDRESS_LENGTH,
  MAX_ID,
  MAX_LINES,
  MAX_MOBILE_LENGTH,
  MAX_NAME_LENGTH,
  MAX_POST_LENGTH,
  MAX_QUANTITY,
  MAX_REQUEST_ID_LENGTH,
} from '../contracts/limits.ts'
import { ORDER_STATUSES, STOCK_STATES } from '../contracts/order.ts'
import { PROBLEM_MEDIA_TYPE, problemOf, RETRY_AFTER_S } from './problems.ts'

// JSON Schema 2020-12, for the OpenAPI document alone: contracts/order-request.ts judges what comes in.

const id = { type: 'integer', minimum: 1, maximum: MAX_ID }
const num = { type: 'integer', minimum: 1, maximum: MAX_QUANTITY }
const text = (maxLength: number) => ({
  type: 'string',
  pattern: '\\S',
  minLength: 1,
  maxLength,
  description: 'Not blank to a person, without control characters and line breaks.',
})
const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
})
const listOf = (name: string) => ({ type: 'array', items: ref(name) })
/** No enum: a client that was generated from one would fail at the first new value. */
const open = (known: readonly string[], description: string) => ({
  type: 'string',
  description: `${description} Known values are the examples; a client has to take others too.`,
  examples: known,
})

const requestId = {
  type: 'string',
  pattern: '^[ -~]+$',
  minLength: 1,
  maxLength: MAX_REQUEST_ID_LENGTH,
  description: 'Names the order, per user and for ever: the same request under the same key is the same order.',
}
const orderSn = { type: 'string', pattern: '^[A-Z2-7]{16}$', examples: ['MFRGGZDFMZTWQ2LK'] }
const status = open(ORDER_STATUSES, 'CREATING until it is PAYING or TRADE_CLOSED; IN_DOUBT: an operator settles it.')
const payDeadline = { type: 'string', format: 'date-time' }
const failure = (description: string) => open(Object.keys(FAILURES), description)

const MONEY = { amount: 5_400, currency: 'CNY' }
const TEA = { goodsId: 1, name: 'Tea', image: 'https://shop.example/tea.png', price: { amount: 2_700, currency: 'CNY' }, num: 2 }
const CREATED = {
  ...{ orderSn: 'MFRGGZDFMZTWQ2LK', status: 'PAYING', total: MONEY },
  ...{ payDeadline: '2030-01-01T00:30:00.000Z', lines: [TEA] },
}

/** Every object that goes in or out, by its name in the document: `components.schemas`. */
export const SCHEMAS = {
  Money: object({
    amount: {
      type: 'integer',
      minimum: 0,
      description: 'In minor units of the currency by ISO 4217: 1999 is 19.99 CNY, 1500 is 1500 JPY, 1250 is 1.250 KWD.',
    },
    currency: { type: 'string', description: 'ISO 4217.' },
  }),
  Line: object({ goodsId: id, num }),
  OrderLine: {
    ...object({ goodsId: id, name: { type: 'string' }, image: { type: 'string' }, price: ref('Money'), num }),
    description: 'As it was sold: name, image and the price of one piece are those of the moment of the order.',
  },
  OrderRequest: {
    ...object(
      {
        userId: id,
        address: text(MAX_ADDRESS_LENGTH),
        name: text(MAX_NAME_LENGTH),
        mobile: text(MAX_MOBILE_LENGTH),
        post: { type: ['string', 'null'], maxLength: MAX_POST_LENGTH },
        requestId: {
          ...requestId,
          type: ['string', 'null'],
          description: 'The key, for who cannot set headers; must equal Idempotency-Key if both are sent.',
        },
        lines: {
          ...listOf('Line'),
          type: ['array', 'null'],
          minItems: 1,
          maxItems: MAX_LINES,
          description: "Without it the user's checked cart rows are ordered.",
        },
      },
      ['userId', 'address', 'name', 'mobile'],
    ),
    additionalProperties: false,
    examples: [
      {
        ...{ userId: 7, address: '1 Harbour Road', name: 'A. Buyer', mobile: '13800000000' },
        lines: [{ goodsId: 1, num: 2 }],
      },
    ],
  },
  CreatedOrder: {
    ...object({ orderSn, status, total: ref('Money'), payDeadline, lines: listOf('OrderLine') }),
    examples: [CREATED],
  },
  PendingOrder: { ...object({ orderSn, status }), examples: [{ orderSn: CREATED.orderSn, status: 'CREATING' }] },
  Order: {
    ...object(
      {
        orderSn,
        userId: id,
        status,
        stockState: open(
          STOCK_STATES,
          'What it holds of the stock, as far as the store knows; returning: it is being given back.',
        ),
        total: ref('Money'),
        payDeadline,
        lines: { ...listOf('OrderLine'), description: 'Empty until the order is confirmed.' },
        inDoubt: {
          ...listOf('Line'),
          description: 'What was to be sold or given back, where nobody knows whether it was: an operator settles the order.',
        },
        refusal: ref('Refusal'),
        saga: ref('Saga'),
      },
      ['orderSn', 'status', 'stockState', 'lines'],
    ),
    examples: [{ ...CREATED, userId: 7, stockState: 'sold' }],
  },
  Refusal: {
    ...object({ type: failure('Why.'), code: { type: 'integer' }, message: { type: 'string' } }),
    description: 'Why an order was closed before it was confirmed.',
  },
  Saga: {
    ...object(
      {
        workflowId: { type: 'string' },
        step: { type: 'string' },
        undone: { type: 'array', items: { type: 'string' } },
        failure: { type: 'string' },
        url: { type: 'string', format: 'uri', description: 'The run in the Temporal web UI.' },
      },
      ['workflowId'],
    ),
    description: 'The run, while the order is not settled; without step where no worker could say it.',
  },
  CartItem: {
    ...object({ goodsId: id, num, checked: { type: 'boolean', description: 'Only checked items are ordered.' } }),
    examples: [{ goodsId: 1, num: 2, checked: true }],
  },
  Cart: object({ items: { ...listOf('CartItem'), maxItems: MAX_LINES } }),
  CartItemRequest: {
    ...object({ num, checked: { type: ['boolean', 'null'], default: true, description: 'Only checked items are ordered.' } }, [
      'num',
    ]),
    additionalProperties: false,
    examples: [{ num: 2 }],
  },
  Problem: {
    ...object(
      {
        type: { type: 'string', format: 'uri-reference' },
        title: { type: 'string' },
        status: { type: 'integer' },
        detail: { type: 'string' },
        code: { type: 'integer', description: 'Business code.' },
        failure: failure('What happened, by name.'),
        fields: listOf('FieldProblem'),
        goodsIds: { type: 'array', items: id, description: 'The goods that it is about.' },
        problems: {
          ...listOf('GoodsProblem'),
          description: 'All that is wrong with the goods, where that is more than one failure.',
        },
        left: { ...listOf('StockLeft'), description: 'What there is of goods that are short, if the shop tells it.' },
        orderSn,
        service: { type: 'string', description: 'The service that it is about.' },
      },
      ['type', 'title', 'status', 'detail', 'code', 'failure'],
    ),
    description: 'RFC 9457, with the details of the failure beside it.',
  },
  GoodsProblem: object({ failure: failure('What is wrong with these goods.'), goodsIds: { type: 'array', items: id } }),
  StockLeft: object({ goodsId: id, left: { type: 'integer', minimum: 0 } }),
  FieldProblem: object({ field: { type: 'string' }, problem: { type: 'string' } }),
  Health: object({ status: { type: 'string' } }),
}

/** Stands for a schema of the document. */
export function ref(name: string) {
  return { $ref: `${name}#` }
}

export const ID_IN_PATH = { ...id, description: 'A positive int32.' }

export const ORDER_SN_IN_PATH = object({ orderSn })

export const IDEMPOTENCY_HEADER = object(
  {
    'Idempotency-Key': {
      ...requestId,
      maxLength: 2 * MAX_REQUEST_ID_LENGTH + 2,
      description: `${requestId.description} Plain, or as a string in quotes ("k1" is the key k1), with \\ before " and \\; at most ${MAX_REQUEST_ID_LENGTH} characters, sent once.`,
    },
  },
  [],
)

/** The responses by which a route may refuse: one per HTTP status, with an example of each failure behind it. */
export function problems(...types: FailureType[]): Record<number, unknown> {
  const byStatus = new Map<number, FailureType[]>()
  for (const type of [...types, 'InternalError'] as FailureType[]) {
    const { http } = FAILURES[type]
    byStatus.set(http, [...(byStatus.get(http) ?? []), type])
  }
  return Object.fromEntries(
    [...byStatus].map(([http, group]) => [
      http,
      {
        description: group.map((type) => `${FAILURES[type].code} ${type}: ${FAILURES[type].title}`).join('; '),
        content: { [PROBLEM_MEDIA_TYPE]: { schema: ref('Problem'), examples: Object.fromEntries(group.map(exampleOf)) } },
        ...(group.some((type) => (FAILURES[type] as FailureRow).retryAfter) && { headers: RETRY_AFTER }),
      },
    ]),
  )
}

const RETRY_AFTER = {
  'Retry-After': {
    type: 'integer',
    examples: [RETRY_AFTER_S],
    description: 'Seconds to wait before the request is sent again; detail says under which key.',
  },
}

function exampleOf(type: FailureType) {
  return [type, { value: problemOf(refusal(type, 'what happened, and to what')) }]
}

/** A response body that is JSON. */
export function json(description: string, schema: string, headers: Record<string, string> = {}) {
  return {
    description,
    content: { 'application/json': { schema: ref(schema) } },
    ...(Object.keys(headers).length > 0 && {
      headers: Object.fromEntries(Object.entries(headers).map(([name, of]) => [name, { type: 'string', description: of }])),
    }),
  }
}
