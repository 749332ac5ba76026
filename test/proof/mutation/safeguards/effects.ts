import { inFile } from '../mutation.ts'

const ACTIVITIES = 'test/activities/activities.test.ts'
const CLOSING = 'test/workflows/close-due-orders.test.ts'
const UNKEYED = 'test/activities/unkeyed-inventory.test.ts'
const UNKEYED_LANE = 'test/workflows/unkeyed-lane.test.ts'
const TIME_LEFT = 'test/activities/time-left.test.ts'

/** Whatever stands between a participant and the calls that take something of it, or give it back. */
export const EFFECT_SAFEGUARDS = [
  ...inFile(
    'activities/participant-activities.ts',
    ['test/activities/judged-effects.test.ts', UNKEYED],
    [
      {
        find: "if (permit(kind, sale, claim) === 'done' || !claim) return",
        replace: 'if (!claim) return',
        breaks:
          'whoever runs the activity by itself sells for an order that is closed, or gives back what an order sold that stands',
      },
    ],
  ),
  ...inFile(
    'activities/stock-answers.ts',
    ['test/activities/stock-answers.test.ts', 'test/activities/ended-calls.test.ts'],
    [
      {
        find: '{ status: status.RESOURCE_EXHAUSTED, says: /库存不足/,',
        replace: '{ status: status.RESOURCE_EXHAUSTED,',
        breaks: 'a call in flight that a GOAWAY ends counts as not applied, is sent again, and sells twice',
      },
      {
        find: '{ status: status.INTERNAL, says: /^系统忙/,',
        replace: '{ status: status.INTERNAL,',
        breaks: 'a call that broke in the middle counts as not applied, is sent again, and sells twice',
      },
      {
        find: "if (wasNeverSent(error)) return 'NOT_APPLIED'",
        replace: '',
        breaks: 'every order is in doubt for which the inventory could not be reached',
      },
    ],
  ),
  ...inFile(
    'activities/stock-permit.ts',
    ['test/activities/judged-effects.test.ts', UNKEYED],
    [
      {
        find: "effect === 'Sell' ? claim.status === 'CREATING' : claim",
        replace: "effect === 'Sell' ? false : claim",
        breaks: 'a worker of one mode sells for an order of the other one',
      },
      {
        find: 'claim.owed.includes(inventory.name)',
        replace: 'false',
        breaks: 'a Reback of the other mode leaves a tombstone at an inventory that never heard of the order',
      },
    ],
  ),
  ...inFile(
    'activities/effect-permit.ts',
    ['test/activities/judged-effects.test.ts', UNKEYED],
    [
      {
        find: 'if (!areEqual(lines, claim.lines))',
        replace: 'if (false)',
        breaks: 'other goods are sold than the order asked for',
      },
      {
        find: "if (claim?.status === 'TRADE_CLOSED') return",
        replace: 'if (claim) return',
        breaks: 'an order that stands gives its stock back',
      },
      {
        find: "claim.owed.includes(name) ? 'send' : 'done'",
        replace: "'send'",
        breaks: 'a Reback is sent for an order that owes none',
      },
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
      {
        find: 'if (permit.agoMs < underWayMs) throw underWay(orderSn, effect)\n        return await leaveInDoubt(orderSn, effect, lines, permit.mark)',
        replace: 'return false',
        breaks: 'an effect counts as done whose answer never came',
      },
      {
        find: "throw failureOf(failure('OrderClosed', `order ",
        replace: "return false as never\n        throw failureOf(failure('OrderClosed', `order ",
        breaks: 'a Sell counts as done that was never sent, since its order was closed meanwhile',
      },
      {
        find: 'if (!(await calls.record(effect, [answer], leftMs)).has(orderSn)) throw doubtful(orderSn, effect, lines)',
        replace: 'await calls.record(effect, [answer], leftMs)',
        breaks: 'a run goes on with an order that was put in doubt meanwhile',
      },
      {
        find: "if (effect === 'Reback')",
        replace: 'if (false)',
        breaks: 'no operator hears of a Reback of which nobody knows whether it was applied',
      },
    ],
  ),
  ...inFile(
    'activities/participant-activities.ts',
    [ACTIVITIES],
    [
      {
        find: 'const returned = await giveBack(sale, claims.get(sale.orderSn))',
        replace: 'const returned = sale.orderSn\n      giveBack(sale, claims.get(sale.orderSn)).catch(() => {})',
        breaks: 'an order counts as given back whose Reback was never answered',
      },
      {
        find: "if ('done' in answer) returned.push(answer.done)",
        replace: 'void answer\n        returned.push(sale.orderSn)',
        breaks: 'an order of a batch counts as given back whose Reback was never answered',
      },
    ],
  ),
  ...inFile(
    'activities/participant-activities.ts',
    [TIME_LEFT],
    [
      {
        find: 'timeLeft(atMostMs)',
        replace: 'atMostMs ?? 3_600_000',
        breaks: "a call's answer comes when Temporal has given its attempt up",
      },
    ],
  ),
  ...inFile(
    'activities/unkeyed-inventory.ts',
    [UNKEYED],
    [
      {
        find: 'if (permit.agoMs < underWayMs) throw underWay(orderSn, effect)',
        replace: '',
        breaks: 'a call that another run has sent a moment ago, and waits for, is doubted',
      },
      {
        find: 'if (!calls.hasTime(leftMs)) throw tooLate(orderSn, effect)',
        replace: '',
        breaks: 'an order is marked by an attempt that has no time to hear the answer',
      },
      {
        find: 'doubts === 0 && ',
        replace: '',
        breaks: 'an inventory that answers nobody leaves every closed order in doubt, one by one',
      },
    ],
  ),
  ...inFile(
    'activities/unkeyed-calls.ts',
    [UNKEYED, UNKEYED_LANE],
    [
      {
        find: "if (!hasTime(leftMs)) return { outcome: 'NOT_APPLIED', failed: tooLate(orderSn, effect) }",
        replace: '',
        breaks: 'a Sell is cut short that began late, and its order is in doubt without need',
      },
      {
        find: 'unkeyed.recordAnswers(effect, answers, isRepeat)',
        replace: 'unkeyed.recordAnswers(effect, answers)',
        breaks: 'an answer that was recorded, and not heard of, leaves its order in doubt',
      },
      {
        find: 'if (leftMs() < STORE_AGAIN_MS) throw error',
        replace: 'throw error',
        breaks: 'a database that is away for a moment leaves a whole batch in doubt',
      },
      {
        find: "if (failureIn(error)?.type !== 'ServiceUnavailable' || leftMs() < STORE_AGAIN_MS) throw error",
        replace: 'throw error',
        breaks: 'a mark whose reply is lost leaves a whole batch in doubt, of which nothing was sent',
      },
      {
        find: 'outcome: stockOutcomeOf(error)',
        replace: "outcome: 'NOT_APPLIED' as const",
        breaks: 'a Sell is sent again whose answer was lost, and sells twice',
      },
      {
        find: 'await turns.take(goodsIds, ',
        replace: 'await turns.take([], ',
        breaks: 'orders of a batch that want the same goods meet in the locks of the inventory, and are refused',
      },
    ],
  ),
  ...inFile(
    'activities/unkeyed-lane.ts',
    [UNKEYED, UNKEYED_LANE],
    [
      {
        find: "if (permit.kind !== 'send') {",
        replace: "if (permit.kind === 'closed') {",
        breaks: 'the lane sends a Sell that somebody else has marked, and sells twice',
      },
      {
        find: "if (outcome === 'UNKNOWN') notes.push",
        replace:
          "if (outcome === 'UNKNOWN') proven.push({ orderSn, mark: permit.mark, wasApplied: false })\n        else if (false) notes.push",
        breaks: 'a Sell of the lane is sent again whose answer was lost, and sells twice',
      },
      {
        find: 'if (!recorded.has(orderSn)) doubt(orderSn)',
        replace: '',
        breaks: 'a batch goes on with an order that was put in doubt meanwhile',
      },
      {
        find: 'let waiting = [...asking]',
        replace: 'let waiting = sales.map(({ orderSn }) => orderSn)',
        breaks: 'an order is sold by the lane that its row does not ask for',
      },
    ],
  ),
  ...inFile(
    'workflows/close-due-orders.ts',
    [CLOSING],
    [
      {
        find: 'i < GIVINGS_BACK && fruitless < FRUITLESS',
        replace: 'i < GIVINGS_BACK',
        breaks: 'while the inventory is away each run asks it for nothing, again and again',
      },
      {
        find: '...(await findReturning())',
        replace: '',
        breaks: 'what a run left that died is never given back',
      },
    ],
  ),
  ...inFile(
    'workflows/give-back.ts',
    [CLOSING],
    [
      {
        find: 'returned.every((some) => some.has(orderSn))',
        replace: 'returned.length > 0',
        breaks: 'what a step could not give back is forgotten by its run',
      },
    ],
  ),
  ...inFile(
    'store/life/find-returning.ts',
    [CLOSING],
    [
      {
        find: 'and updated_at <= now()',
        replace: "and updated_at <= now() + interval '1 day'",
        breaks: 'what a run has just closed and gives back, others give back as well',
      },
      {
        find: 'owed && ',
        replace: "array_append(owed, 'inventory') && ",
        breaks: 'orders that no participant of this build is owed by keep each run busy',
      },
    ],
  ),
  ...inFile(
    'store/life/sparing.ts',
    [CLOSING],
    [
      {
        find: "if (classOf(error) === 'away') throw error",
        replace: 'throw error',
        breaks: 'one order that can not be closed, or not be recorded, holds up all others',
      },
    ],
  ),
  ...inFile(
    'activities/stock-permit.ts',
    [UNKEYED],
    [
      {
        find: "if (claim?.stockState === 'in_doubt') throw failureOf(inDoubt(sale.orderSn, effect, claim.lines))",
        replace: '',
        breaks: 'who gives back an order in doubt is told that it is done',
      },
    ],
  ),
  ...inFile(
    'activities/effect-permit.ts',
    ['test/activities/judged-effects.test.ts'],
    [
      {
        find: 'if (claim && (STANDING_STATUSES as readonly string[]).includes(claim.status))',
        replace: 'if (false)',
        breaks: 'an order that stands is refused if its Sell is asked for again',
      },
      {
        find: "if (claim?.status !== 'CREATING') {",
        replace: 'if (!claim) {',
        breaks: 'an order is sold that is closed',
      },
      {
        find: 'if (asks && !Object.hasOwn(claim.held, name)) {',
        replace: 'if (false as boolean) {',
        breaks: 'of an order is taken what it never asked for, and what it never gives back',
      },
    ],
  ),
]
