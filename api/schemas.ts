import { FAILURES, type FailureType } from '../contracts/failures.ts'
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
import { PROBLEM_MEDIA_TYPE } from './problems.ts'

// JSON Schema 2020-12, for the OpenAPI document alone: contracts/order-request.ts judges what comes in.

const id = { type: 'integer', minimum: 1, maximum: MAX_ID }
const num = { type: 'integer', minimum: 1, maximum: MAX_QUANTITY }
const text = (maxLength: number) => ({ type: 'string', pattern: '\\S', minLength: 1, maxLength, description: 'Not blank.' })
const object = (properties: Record<string, unknown>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  ...(required.length > 0 && { required }),
})

const requestId = {
  type: 'string',
  pattern: '^[ -~]+$',
  minLength: 1,
  maxLength: MAX_REQUEST_ID_LENGTH,
  description: 'Names the order, per user and for ever: the same request under the same key is the same order.',
}
const orderSn = { type: 'string', pattern: '^[A-Z2-7]{16}$', examples: ['MFRGGZDFMZTWQ2LK'] }
const money = object({
  amount: {
    type: 'integer',
    minimum: 0,
    description: 'In minor units of the currency by ISO 4217: 1999 is 19.99 CNY, 1500 is 1500 JPY, 1250 is 1.250 KWD.',
  },
  currency: { type: 'string', description: 'ISO 4217.' },
})
const line = object({ goodsId: id, name: { type: 'string' }, image: { type: 'string' }, price: money, num })
const status = { type: 'string', enum: ORDER_STATUSES }
const payDeadline = { type: 'string', format: 'date-time' }

export const ID_IN_PATH = { ...id, description: 'A positive int32.' }

export const ORDER_SN_IN_PATH = object({ orderSn })

export const IDEMPOTENCY_HEADER = object({ 'Idempotency-Key': requestId }, [])

export const CREATE_ORDER_INPUT = {
  ...object(
    {
      userId: id,
      address: text(MAX_ADDRESS_LENGTH),
      name: text(MAX_NAME_LENGTH),
      mobile: text(MAX_MOBILE_LENGTH),
      post: { type: 'string', maxLength: MAX_POST_LENGTH },
      requestId: {
        ...requestId,
        description: 'The key, for who cannot set headers; must equal Idempotency-Key if both are sent.',
      },
      lines: {
        type: 'array',
        minItems: 1,
        maxItems: MAX_LINES,
        items: object({ goodsId: id, num }),
        description: "Without it the user's checked cart rows are ordered.",
      },
    },
    ['userId', 'address', 'name', 'mobile'],
  ),
  additionalProperties: false,
}

export const CREATE_ORDER_RESULT = object({ orderSn, status, total: money, payDeadline, lines: { type: 'array', items: line } })

export const PENDING_ORDER = object({ orderSn, status })

export const ORDER_VIEW = object(
  {
    orderSn,
    userId: id,
    status,
    stockState: { type: 'string', enum: STOCK_STATES },
    total: money,
    payDeadline,
    lines: { type: 'array', items: line, description: 'Empty until the order is confirmed.' },
    inDoubt: {
      type: 'array',
      items: object({ goodsId: id, num }),
      description: 'What was to be sold or given back, where nobody knows whether it was: an operator settles the order.',
    },
    refusal: {
      ...object({
        type: { type: 'string', enum: Object.keys(FAILURES) },
        code: { type: 'integer' },
        message: { type: 'string' },
      }),
      description: 'Why it was closed before it was confirmed.',
    },
    saga: {
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
  },
  ['orderSn', 'status', 'stockState', 'lines'],
)

export const CART_ITEM = object({ goodsId: id, num, checked: { type: 'boolean' } })
export const CART_ITEMS = object({ items: { type: 'array', items: CART_ITEM, maxItems: MAX_LINES } })
export const CART_ITEM_INPUT = {
  ...object({ num, checked: { type: 'boolean', default: true, description: 'Only checked items are ordered.' } }, ['num']),
  additionalProperties: false,
}

const PROBLEM = {
  ...object(
    {
      type: { type: 'string', format: 'uri-reference' },
      title: { type: 'string' },
      status: { type: 'integer' },
      detail: { type: 'string' },
      code: { type: 'integer', description: 'Business code.' },
      failure: { type: 'string', enum: Object.keys(FAILURES) },
      fields: { type: 'array', items: object({ field: { type: 'string' }, problem: { type: 'string' } }) },
    },
    ['type', 'title', 'status', 'detail', 'code', 'failure'],
  ),
  description: 'RFC 9457, with the details of the failure beside it.',
}

/** The responses by which a route may refuse: one per HTTP status, naming the failures behind it. */
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
        content: { [PROBLEM_MEDIA_TYPE]: { schema: PROBLEM } },
      },
    ]),
  )
}

/** A response body that is JSON. */
export function json(description: string, schema: unknown, headers: Record<string, string> = {}) {
  return {
    description,
    content: { 'application/json': { schema } },
    ...(Object.keys(headers).length > 0 && {
      headers: Object.fromEntries(Object.entries(headers).map(([name, of]) => [name, { type: 'string', description: of }])),
    }),
  }
}
