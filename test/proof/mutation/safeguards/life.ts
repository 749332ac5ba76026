import { inFile } from '../mutation.ts'

const LIFE = 'test/store/life.test.ts'
const OVER_HTTP = 'test/api/order-life.test.ts'

/** The moves of an order behind its creation, its payments, and the events that PostgreSQL writes. */
export const LIFE_SAFEGUARDS = [
  ...inFile(
    'store/life/move-orders.ts',
    [LIFE],
    [
      { find: 'status = any(', replace: 'true or status = any(', breaks: 'a paid order is cancelled, an unpaid one finished' },
      {
        find: 'if (!from.includes(order.status)) return',
        replace: 'if (true) return',
        breaks: 'a move is refused that the status allows, since another one was made between two looks',
      },
    ],
  ),
  ...inFile(
    'store/life/close-orders.ts',
    [LIFE, OVER_HTTP],
    [
      { find: "status in ('PAYING', 'WAIT_BUYER_PAY') and ", replace: '', breaks: 'a paid order is closed at its deadline' },
      {
        find: 'pay_deadline < now() - ',
        replace: 'pay_deadline < now() + ',
        breaks: 'an order is closed within its grace',
      },
      { find: ", stock_state = 'returning'", replace: '', breaks: 'the stock of a closed order is never given back' },
    ],
  ),
  ...inFile(
    'store/life/record-payment.ts',
    [LIFE, OVER_HTTP],
    [
      {
        find: "where o.order_sn = r.order_sn and r.outcome = 'accepted'",
        replace: 'where o.order_sn = r.order_sn',
        breaks: 'a payment of the wrong amount pays an order, a late one a closed order',
      },
      { find: ' and currency = ', replace: ' or currency = ', breaks: 'an order is paid in another currency' },
      {
        find: '} for update',
        replace: '}',
        breaks: 'two payments of one order are judged by what it was before either',
      },
      {
        find: "from locked where status not in ('CREATING', 'IN_DOUBT')",
        replace: 'from locked',
        breaks: 'a payment of an order that is being created is recorded as owing a refund',
      },
      {
        find: 'known.amount.amount === amount',
        replace: 'true',
        breaks: 'another amount under the same number is answered as the first one was',
      },
    ],
  ),
  ...inFile(
    'store/life/refunds.ts',
    [LIFE],
    [{ find: " and refund = 'owed' returning", replace: ' returning', breaks: 'an accepted payment is recorded as given back' }],
  ),
  ...inFile(
    'store/life/list-orders.ts',
    [LIFE],
    [{ find: 'deleted_at is null and ', replace: '', breaks: 'a deleted order is shown to its user' }],
  ),
  ...inFile(
    'store/unkeyed-stock.ts',
    ['test/store/unkeyed-stock.test.ts'],
    [
      {
        find: 'sql<boolean>`sent_at = ',
        replace: 'sql<boolean>`sent_at is not null or sent_at = ',
        breaks: 'a doubt of an earlier call puts a later one in doubt',
      },
    ],
  ),
]
