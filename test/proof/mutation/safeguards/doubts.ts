import { inFile } from '../mutation.ts'

const PROPOSED = 'test/reconciliation/propose-verdicts.test.ts'

export const DOUBT_SAFEGUARDS = [
  ...inFile(
    'reconciliation/propose-verdicts.ts',
    [PROPOSED],
    [
      {
        find: 'if (young.has(goodsId))',
        replace: 'if (false)',
        breaks: 'an order counts as not sold whose Sell is applied a moment later: its stock leaks',
      },
      {
        find: 'pieces.moving > 0 || ',
        replace: '',
        breaks: 'what another order is taking counts as sold by the one in doubt: it is given back, and was never taken',
      },
      {
        find: 'before.fingerprint === after?.fingerprint && ',
        replace: 'after !== undefined && ',
        breaks: 'what an order took and gave back while the stock was read counts as sold by the one in doubt',
      },
      {
        find: 'else if (disturbed.has(goodsId))',
        replace: 'else if (false)',
        breaks: 'pieces that another finding explains count as those of an order in doubt',
      },
      {
        find: "if (ledger) unknown.set(goodsId, 'keeps-ledger')\n    else ",
        replace: '',
        breaks: 'orders without keys are judged by the stock of an inventory that others sell from by number',
      },
    ],
  ),
  ...inFile(
    'reconciliation/solve-doubts.ts',
    ['test/reconciliation/solve-doubts.test.ts'],
    [
      {
        find: 'i === order ? !isSold : undefined',
        replace: 'i === order ? isSold : undefined',
        breaks: 'the first choice that explains the stock counts as the only one',
      },
      {
        find: 'if (left < 0 || left > open) return false',
        replace: '',
        breaks: 'orders are judged by stock that somebody else moved',
      },
    ],
  ),
  ...inFile(
    'store/read-doubts.ts',
    [PROPOSED],
    [
      {
        find: " or o.stock_state = 'returning'",
        replace: '',
        breaks: 'what an order is giving back counts as not sold by the one in doubt',
      },
      {
        find: "o.status = 'CREATING' or ",
        replace: '',
        breaks: 'what an order is taking counts as sold by the one in doubt',
      },
      {
        find: ', o.updated_at), 0)',
        replace: '), 0)',
        breaks: 'an order that takes and gives back between two readings is not seen',
      },
    ],
  ),
  ...inFile(
    'store/keep-in-doubt.ts',
    ['test/store/keep-in-doubt.test.ts'],
    [
      {
        find: "        .where('status', '=', 'IN_DOUBT')\n",
        replace: '',
        breaks: 'an order that was closed, and whose stock is given back, goes on to its payment',
      },
      {
        find: '!order || !isConfirmed(order)',
        replace: '!order',
        breaks: 'an order whose goods are others stays CREATING, and locks its user out',
      },
    ],
  ),
  ...inFile(
    'operators/keep-order.ts',
    ['test/store/keep-in-doubt.test.ts'],
    [
      {
        find: '(order.inDoubt, order.expectedTotal)',
        replace: '(order.inDoubt)',
        breaks: 'a buyer is asked for more than they agreed to',
      },
    ],
  ),
  ...inFile(
    'store/resolve-in-doubt.ts',
    [PROPOSED],
    [
      {
        find: '        .where(asFound(version))\n',
        replace: '',
        breaks: 'a verdict about one call settles the doubt about a later one',
      },
    ],
  ),
]
