import { FAILURES } from './failures.ts'
import { anyInteger, anyText, ID, oneOf, QUANTITY } from './kinds.ts'
import { MONEY } from './money.ts'
import { LINE, ORDER_SN } from './order.ts'
import { PAYMENT } from './payment.ts'
import { body, ifKnown, list, type TypeOf } from './schema.ts'

const failure = (description: string) => oneOf(Object.keys(FAILURES), description)

const GOODS_PROBLEM = body('GoodsProblem', { failure: failure('What is wrong with these goods.'), goodsIds: list(ID) })
const STOCK_LEFT = body('StockLeft', { goodsId: ID, left: anyInteger({ minimum: 0 }) })
const LINE_PRICE = body(
  'LinePrice',
  { goodsId: ID, num: QUANTITY, price: MONEY, priceInCart: ifKnown(MONEY) },
  { description: 'The price of one piece now, and when the goods were put into the cart, if they stand in it.' },
)
const FIELD_PROBLEM = body('FieldProblem', { field: anyText(), problem: anyText() })

/** The objects within the details. */
export const DETAIL_BODIES = [GOODS_PROBLEM, STOCK_LEFT, LINE_PRICE, FIELD_PROBLEM]

/**
 * Details that a failure may carry beside its type: kept in the store, in failure details and in problem documents. They hold no
 * personal data. A detail that is not in this table can be given to no failure, and is written into no answer.
 */
export const FAILURE_DETAILS = {
  fields: ifKnown(list(FIELD_PROBLEM)),
  goodsId: ifKnown(ID),
  goodsIds: ifKnown(list(ID, { description: 'The goods that it is about.' })),
  problems: ifKnown(list(GOODS_PROBLEM, { description: 'All that is wrong with the goods, if that is more than one failure.' })),
  left: ifKnown(list(STOCK_LEFT, { description: 'Pieces left of the goods that are short, if the shop discloses them.' })),
  expectedTotal: ifKnown(MONEY),
  total: ifKnown(MONEY),
  prices: ifKnown(list(LINE_PRICE, { description: 'What each line costs now.' })),
  userId: ifKnown(ID),
  requestId: ifKnown(anyText({ description: 'The key that it is about.' })),
  orderSn: ifKnown(ORDER_SN),
  service: ifKnown(anyText({ description: 'The service that it is about.' })),
  missing: ifKnown(list(anyText(), { description: 'What this starter lacks.' })),
  allow: ifKnown(list(anyText(), { description: 'The methods that the path takes.' })),
  step: ifKnown(anyText({ description: 'The step of the saga at which it happened.' })),
  undone: ifKnown(list(anyText(), { description: 'The undos that are done.' })),
  owed: ifKnown(anyText({ description: 'The undo that is owed.' })),
  payment: ifKnown(PAYMENT),
  effect: ifKnown(anyText({ description: 'The effect of which nobody knows whether it was applied.' })),
  lines: ifKnown(list(LINE, { description: 'What was to be sold or given back by it.' })),
}

type Details = { [Name in keyof typeof FAILURE_DETAILS]?: TypeOf<(typeof FAILURE_DETAILS)[Name]> }

/**
 * Three more than answers show: for which failure it was being undone, the gRPC status by which a call ended, and what a service said in its own
 * words. Those are for operators: addresses, passwords and pieces in stock were among them.
 */
export type FailureDetails = Details & { failure?: string; status?: string; said?: string }
