/** One rule of the import: what becomes of rows that are not as ours have to be. */
interface Rule {
  /** The rows that it is about. */
  of: 'order' | 'line' | 'cart row'
  /** False if the row is left out. */
  taken: boolean
  /** Finding, and what becomes of the row. */
  what: string
}

/**
 * Every oddity of the source's rows, and what becomes of it. The report names each row that met one by the rule's key; docs/import.md has the
 * same table (test/import/rules.test.ts).
 */
export const RULES = {
  'bad-id': { of: 'order', taken: false, what: 'its id is not from 1 to 2^31-1' },
  'bad-user': { of: 'order', taken: false, what: 'its user id is not from 1 to 2^31-1' },
  'unknown-status': { of: 'order', taken: false, what: 'its status is none of the five' },
  'no-time': { of: 'order', taken: false, what: 'neither created_at, updated_at nor pay_time is a time' },
  'bad-total': { of: 'order', taken: false, what: 'its total is negative, missing, or 2^53 minor units or more' },
  'no-lines': { of: 'order', taken: false, what: 'it has no line' },
  'bad-goods': { of: 'order', taken: false, what: 'the goods id of a line, or its own, is not from 1 to 2^31-1' },
  'bad-quantity': {
    of: 'order',
    taken: false,
    what: 'the pieces of one goods are not from 1 to 9,999 (the original takes 0 and less, which raises its stock)',
  },
  'bad-price': { of: 'order', taken: false, what: 'the price of a line is negative, missing, or 2^53 minor units or more' },
  'too-many-lines': { of: 'order', taken: false, what: 'it has more than 1,000 goods' },
  'id-taken': { of: 'order', taken: false, what: 'an order that was placed here has its id' },
  'key-taken': { of: 'order', taken: false, what: 'an order that was placed here has the key under which it is imported' },
  'moved-here': {
    of: 'order',
    taken: false,
    what: 'it was imported, went on here, and was changed in the source since: it stays as it is here',
  },
  'wait-buyer-pay': {
    of: 'order',
    taken: true,
    what: 'WAIT_BUYER_PAY is in seed data alone, and nothing was sold for it: closed (expired), and nothing is given back',
  },
  deleted: {
    of: 'order',
    taken: true,
    what: 'soft-deleted: hidden from its user; if it was unpaid it is closed (deleted), and holds stock that was never given back',
  },
  'number-shared': {
    of: 'order',
    taken: true,
    what: 'other orders have the same order_sn: looked up by that number, the one with the lowest id is found',
  },
  'number-empty': { of: 'order', taken: true, what: 'it has no order_sn: it is found by its id, and by its number here' },
  'time-of-another': { of: 'order', taken: true, what: 'created_at is missing: updated_at stands in, else pay_time' },
  'pay-time-missing': { of: 'order', taken: true, what: 'it is paid and has no pay_time: its last change stands in' },
  'total-other': {
    of: 'order',
    taken: true,
    what: 'its total is not the sum of its lines, as far as a float can say: the total stands, to the nearest minor unit',
  },
  'price-rounded': {
    of: 'order',
    taken: true,
    what: 'the float price of a line is no single amount: the nearest minor unit; the total does not follow from it',
  },
  'trade-no-shared': {
    of: 'order',
    taken: true,
    what: 'another payment has the same trade_no: the payment is recorded as order-ID, with the id of the order',
  },
  'trade-no-unpaid': { of: 'order', taken: true, what: 'it has a trade_no and is not paid: the trade_no is left out' },
  'text-cut': {
    of: 'order',
    taken: true,
    what: 'a text is longer than ours may be: cut; the address of an image is left out instead',
  },
  'text-cleaned': { of: 'order', taken: true, what: 'a text holds NUL, which PostgreSQL can not store: left out of it' },
  'lines-merged': {
    of: 'order',
    taken: true,
    what: 'it has the same goods in several lines: one line with all pieces, and id, name, image and price of the first',
  },
  'prices-merged': {
    of: 'order',
    taken: true,
    what: 'lines of the same goods that were merged have different prices: the first stands',
  },
  'line-without-order': { of: 'line', taken: false, what: 'there is no order of its number' },
  'line-deleted': { of: 'line', taken: false, what: 'soft-deleted' },
  'cart-deleted': { of: 'cart row', taken: false, what: 'soft-deleted' },
  'cart-bad-user': { of: 'cart row', taken: false, what: 'its user id is not from 1 to 2^31-1' },
  'cart-bad-goods': { of: 'cart row', taken: false, what: 'its goods id, or its own, is not from 1 to 2^31-1' },
  'cart-bad-quantity': { of: 'cart row', taken: false, what: 'its pieces are not from 1 to 9,999' },
  'cart-full': { of: 'cart row', taken: false, what: 'its user has 1,000 goods in the cart already' },
  'cart-moved-here': { of: 'cart row', taken: false, what: 'its user has changed the cart here since, or had one here before' },
  'cart-merged': {
    of: 'cart row',
    taken: true,
    what: 'another row has the same user and goods: one row with the pieces of both, 9,999 at most, checked if one is, and the first id',
  },
  'cart-id-taken': { of: 'cart row', taken: true, what: 'a row that was added here has its id: it gets a new one' },
  'cart-no-price': { of: 'cart row', taken: true, what: 'its price is no amount: none is shown until the goods are asked' },
} as const satisfies Record<string, Rule>

/** Key of a rule. */
export type RuleName = keyof typeof RULES
