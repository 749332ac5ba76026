import { inFile } from '../mutation.ts'

const ACTIVITIES = 'test/activities/activities.test.ts'
const ANOTHER_BODY = 'test/activities/another-body.test.ts'
const UNKEYED = 'test/activities/unkeyed-inventory.test.ts'

export const ACTIVITY_SAFEGUARDS = [
  ...inFile(
    'activities/sweep.ts',
    [ACTIVITIES],
    [
      {
        find: "looked.filter(({ is }) => is === 'abandoned')",
        replace: 'looked',
        breaks: 'the sweep closes an order whose run is at work',
      },
      {
        find: "return { orderSn, is: 'unaskable', why: String(error) }",
        replace: 'throw error',
        breaks: 'one order that cannot be asked about stops the sweep of all others',
      },
    ],
  ),
  ...inFile(
    'activities/stock-permit.ts',
    ['test/activities/judged-effects.test.ts', UNKEYED],
    [
      {
        find: 'if (isOpen && claim.keyed !== keyed) throw otherMode(claim)',
        replace: '',
        breaks: 'a worker of one mode sells for an order of the other one',
      },
      {
        find: 'if (isOpen && !areEqual(lines, claim.lines))',
        replace: 'if (false)',
        breaks: 'other goods are sold than the order asked for',
      },
      {
        find: "if (claim?.status !== 'TRADE_CLOSED')",
        replace: 'if (!claim)',
        breaks: 'an order that stands gives its stock back',
      },
      {
        find: "if (claim.stockState !== 'returning') return 'done'",
        replace: '',
        breaks: 'a Reback is sent for an order that owes none',
      },
      {
        find: 'if (claim.keyed !== keyed) throw otherMode(claim)\n  return',
        replace: 'return',
        breaks: 'a Reback of the other mode leaves a tombstone at an inventory that never heard of the order',
      },
    ],
  ),
  ...inFile(
    'activities/orders.ts',
    [ANOTHER_BODY],
    [
      {
        find: "if (outcome === 'FOREIGN') return { orderSn, outcome, rebackOwed: false, lines: [] }",
        replace: '',
        breaks: 'another body of the same key is answered with the first order',
      },
      {
        find: 'if (!mine) throw failureOf(reused(request))',
        replace: '',
        breaks: 'another body of the same key is answered with the first order',
      },
      {
        find: "if (!mine) return { state: 'refused', refusal: reused(requests[i] as OrderRequest) }",
        replace: '',
        breaks: 'another body of the same key is answered with the first order, in a batch',
      },
    ],
  ),
  ...inFile(
    'activities/orders.ts',
    [ACTIVITIES, 'test/workflows/create-orders.test.ts'],
    [
      {
        find: 'if (!inserted && !(isSecondRound && byThisRun))',
        replace: 'if (false as boolean)',
        breaks: 'a batch prices and refuses an order that an earlier attempt may have sold',
      },
      {
        find: "if (stockState === 'returning') return",
        replace: 'if (false) return',
        breaks: 'a refusal is answered while its stock is still held',
      },
      {
        find: 'if (isConfirmed(order)) return answerOf(order)\n      if (order.status !==',
        replace: 'return answerOf(order as never)\n      if (order.status !==',
        breaks: 'an order that was voided is answered as created',
      },
      {
        find: 'if (!isConfirmed(order)) return null',
        replace: '',
        breaks: 'an order that was voided is answered as created, in a batch',
      },
    ],
  ),
  ...inFile(
    'activities/attempt.ts',
    ['test/workflows/create-orders.test.ts', ACTIVITIES, 'test/activities/held-back.test.ts'],
    [
      {
        find: 'if (refused && !FAILURES[refused.type].retried) return { refused }',
        replace: 'if (refused) return { refused }',
        breaks: 'an order is refused for ever because a service was away for a moment',
      },
    ],
  ),
  ...inFile(
    'clients/answers.ts',
    ['test/activities/failure-of-call.test.ts', ACTIVITIES],
    [
      {
        find: "reason: 'INSUFFICIENT_STOCK', ",
        replace: '',
        breaks: 'what a proxy limits is refused as out of stock',
      },
      {
        find: "reason: 'SALE_RETURNED', means: 'OrderClosed'",
        replace: "reason: 'SALE_RETURNED', means: 'InsufficientStock'",
        breaks: 'a Sell after its Reback is told as out of stock',
      },
      { find: '  status.UNKNOWN,\n', replace: '', breaks: 'a service that stumbles refuses orders for ever' },
    ],
  ),
  ...inFile(
    'activities/unkeyed-inventory.ts',
    [UNKEYED, 'test/workflows/unkeyed-orders.test.ts'],
    [
      {
        find: "      case 'done':\n        return false\n",
        replace: "      case 'done':\n",
        breaks: 'an effect that was applied leaves its order in doubt',
      },
      {
        find: "if (outcome === 'UNKNOWN') {",
        replace: "if (outcome === 'NEVER') {",
        breaks: 'an effect whose answer was lost is sent again, and sells twice',
      },
    ],
  ),
  ...inFile(
    'composition/head-starts.ts',
    ['test/workflows/head-start.test.ts'],
    [
      {
        find: '          isOvertaken = true\n',
        replace: '',
        breaks: 'answers of a run and of its head start are mixed',
      },
      {
        find: 'answers.delete(step)',
        replace: '',
        breaks: 'a run that begins anew takes answers of the one before',
      },
    ],
  ),
  ...inFile(
    'activities/time-left.ts',
    ['test/activities/time-left.test.ts'],
    [
      {
        find: ' - TO_REPORT_MS',
        replace: '',
        breaks: "a call's answer comes when Temporal has given its attempt up",
      },
    ],
  ),
]
