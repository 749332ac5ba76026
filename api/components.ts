import { CART, CART_ITEM, CART_ITEM_REQUEST } from '../contracts/cart-item.ts'
import { CREATED_EXAMPLE, CREATED_ORDER, ORDER_REQUEST } from '../contracts/create-order.ts'
import { FAILURES } from '../contracts/failures.ts'
import { anyInteger, anyText, ID, INSTANT, oneOf } from '../contracts/kinds.ts'
import { MONEY } from '../contracts/money.ts'
import { LINE, ORDER_LINE, ORDER_SN, STATUS, STOCK_STATES } from '../contracts/order.ts'
import { answer, ifKnown, list, type Named, type TypeOf } from '../contracts/schema.ts'

const failure = (description: string) => oneOf(Object.keys(FAILURES), description)

/** An order of which more is not known yet. */
export const PENDING_ORDER = answer(
  'PendingOrder',
  { orderSn: ORDER_SN, status: STATUS },
  { examples: [{ orderSn: CREATED_EXAMPLE.orderSn, status: 'CREATING' }] },
)

const REFUSAL = answer(
  'Refusal',
  { type: failure('Why.'), code: anyInteger(), message: anyText() },
  { description: 'Why an order was closed before it was confirmed.' },
)

const SAGA = answer(
  'Saga',
  {
    workflowId: anyText(),
    step: ifKnown(anyText()),
    undone: ifKnown(list(anyText())),
    failure: ifKnown(anyText()),
    url: ifKnown(anyText({ format: 'uri', description: 'The run in the Temporal web UI.' })),
  },
  { description: 'The run, while the order is not settled; without step where no worker could say it.' },
)
export type SagaView = TypeOf<typeof SAGA>

/** An order as anybody who knows its number may see it: no personal data. */
export const ORDER = answer(
  'Order',
  {
    orderSn: ORDER_SN,
    userId: ifKnown(ID),
    status: STATUS,
    stockState: oneOf(STOCK_STATES, 'What it holds of the stock, as far as the store knows; returning: it is being given back.'),
    total: ifKnown(MONEY),
    payDeadline: ifKnown(INSTANT),
    lines: list(ORDER_LINE, { description: 'Empty until the order is confirmed.' }),
    inDoubt: ifKnown(
      list(LINE, {
        description: 'What was to be sold or given back, where nobody knows whether it was: an operator settles the order.',
      }),
    ),
    refusal: ifKnown(REFUSAL),
    saga: ifKnown(SAGA),
  },
  { examples: [{ ...CREATED_EXAMPLE, userId: 7, stockState: 'sold' }] },
)
export type OrderView = TypeOf<typeof ORDER>

const GOODS_PROBLEM = answer('GoodsProblem', { failure: failure('What is wrong with these goods.'), goodsIds: list(ID) })
const STOCK_LEFT = answer('StockLeft', { goodsId: ID, left: anyInteger({ minimum: 0 }) })
const FIELD_PROBLEM = answer('FieldProblem', { field: anyText(), problem: anyText() })

/** A problem document (RFC 9457). The members of the failure's details, `fields` or `goodsIds` say, stand beside the first six. */
export const PROBLEM = answer(
  'Problem',
  {
    /** Relative reference to the failure's entry in the page that explains them. */
    type: anyText({ format: 'uri-reference' }),
    title: anyText(),
    status: anyInteger(),
    detail: anyText(),
    /** Of the failure table. */
    code: anyInteger({ description: 'Business code.' }),
    /** As it stands in workflow histories. */
    failure: failure('What happened, by name.'),
    fields: ifKnown(list(FIELD_PROBLEM)),
    goodsIds: ifKnown(list(ID, { description: 'The goods that it is about.' })),
    problems: ifKnown(
      list(GOODS_PROBLEM, { description: 'All that is wrong with the goods, where that is more than one failure.' }),
    ),
    left: ifKnown(list(STOCK_LEFT, { description: 'What there is of goods that are short, if the shop tells it.' })),
    orderSn: ifKnown(ORDER_SN),
    service: ifKnown(anyText({ description: 'The service that it is about.' })),
  },
  { description: 'RFC 9457, with the details of the failure beside it.' },
)

/** How a probe is answered. */
export const HEALTH = answer('Health', { status: anyText() })

/** Every object that goes in or out: `components.schemas` of the document. */
export const COMPONENTS: readonly Named[] = [
  ...[MONEY, LINE, ORDER_LINE, ORDER_REQUEST, CREATED_ORDER, PENDING_ORDER, ORDER, REFUSAL, SAGA],
  ...[CART_ITEM, CART, CART_ITEM_REQUEST, PROBLEM, GOODS_PROBLEM, STOCK_LEFT, FIELD_PROBLEM, HEALTH],
]
