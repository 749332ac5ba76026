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
      {
        find: "return { orderSn, is: 'answered' }",
        replace: "return { orderSn, is: 'abandoned' }",
        breaks: 'the sweep closes an order whose caller was told that it stands',
      },
    ],
  ),
  ...inFile(
    'activities/sweep.ts',
    ['test/activities/check-arguments.test.ts'],
    [
      {
        find: "if (!isOrderSn(orderSn)) throw new Error('its number is none')",
        replace: '',
        breaks: 'one row that no settleOrder takes stops the sweep of all others',
      },
      {
        find: "if (!now || isSettled(now) || isConfirmed(now)) return { orderSn, is: 'attended' }",
        replace: '',
        breaks: 'an operator is called to every order that is confirmed while the sweep looks',
      },
    ],
  ),
  ...inFile(
    'activities/running-workflow.ts',
    ['test/activities/check-arguments.test.ts'],
    [
      {
        find: 'if (canBeWorkflowId(workflowId)) return workflowId',
        replace: "return workflowId ?? ''",
        breaks: 'an order is opened behind which no run stands: nobody can ask about it, or settle it',
      },
    ],
  ),
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
    'activities/orders.ts',
    ['test/operators/answered.test.ts'],
    [
      {
        find: 'for (const order of intents) if (!order.isOwn) await leaveAnswered({ orders, answerGiven }, numberOf(order))',
        replace: '',
        breaks: 'any run closes an order that was answered as confirmed before a failover',
      },
    ],
  ),
  ...inFile(
    'operators/resolve-answered.ts',
    ['test/operators/answered.test.ts'],
    [
      {
        find: 'await parts.orders.voidOrders([{ orderSn, refusal: why }])',
        replace: 'void why',
        breaks: 'an operator can not close an order that was answered as confirmed',
      },
    ],
  ),
  ...inFile(
    'activities/start-each.ts',
    ['test/workflows/hand-over.test.ts', 'test/workflows/sweep-orders.test.ts'],
    [
      {
        find: 'if (failed.length > 0) throw failed[0]',
        replace: '',
        breaks: 'a batch calls an order handed over whose run was not started, and a sweep one settled',
      },
      {
        find: 'Promise.allSettled(all.slice(i, i + AT_ONCE).map(start))',
        replace:
          "(await Promise.all(all.slice(i, i + AT_ONCE).map(start))).map(() => ({ status: 'fulfilled' as const, reason: undefined }))",
        breaks: 'one start that fails holds up those of all other orders',
      },
    ],
  ),
  ...inFile(
    'temporal/start-settling.ts',
    ['test/workflows/sweep-orders.test.ts'],
    [
      {
        find: 'if (error instanceof WorkflowExecutionAlreadyStartedError) return false',
        replace: '',
        breaks: 'one order that is being settled fails the sweep of all others',
      },
      {
        find: 'if (run && (await getsOn(client, run, orderSn))) return',
        replace: '',
        breaks: 'each attempt of a sweep starts one more run of an order that is being settled',
      },
      {
        find: 'await start(client, settleBesideWorkflowId(orderSn), orderSn, taskQueue)',
        replace: '',
        breaks: 'an order whose ids a foreign run occupies is never settled',
      },
    ],
  ),
  ...inFile(
    'temporal/start-own-run.ts',
    ['test/workflows/hand-over.test.ts'],
    [
      {
        find: 'if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error',
        replace: 'throw error',
        breaks: 'a batch never ends if a run of one of its orders is there already',
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
    'activities/orders.ts',
    [UNKEYED],
    [
      {
        find: "if (order && outcome === 'OTHER_MODE') throw otherMode(order)",
        replace: '',
        breaks: 'a run of one mode takes an order of the other one, which stays as it is, for undone',
      },
      {
        find: 'if (order && rebackOwed) leaveToItsMode(order)',
        replace: '',
        breaks: 'a run of one mode goes on with the Reback of an order of the other one',
      },
      {
        find: "leaveToItsMode(order)\n        return { state: 'open'",
        replace: "return { state: 'open'",
        breaks: 'a run of one mode goes on with an order of the other one',
      },
      {
        find: '      leaveToItsMode(order)\n      throw invalidInput(',
        replace: '      throw invalidInput(',
        breaks: 'an order is refused for ever since a worker of the other mode tried to confirm it',
      },
    ],
  ),
  ...inFile(
    'activities/orders.ts',
    [UNKEYED, 'test/workflows/unkeyed-orders.test.ts'],
    [
      {
        find: "order.refusal.type === 'OrderInDoubt' ? closed(orderSn) : order.refusal",
        replace: 'order.refusal',
        breaks: 'an order stays in doubt for its caller for ever, also when an operator has settled it',
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
        find: 'if (owed.length > 0) return',
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
    [{ find: '  status.UNKNOWN,\n', replace: '', breaks: 'a service that stumbles refuses orders for ever' }],
  ),
  ...inFile(
    'contracts/participants/inventory.ts',
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
        find: "      case 'unanswered':\n        throw doubtful(orderSn, effect, lines)\n",
        replace: "      case 'unanswered':\n        break\n",
        breaks: 'an effect is sent again whose answer never came, and sells twice',
      },
      {
        find: 'if (!recorded) throw doubtful(orderSn, effect, lines)',
        replace: '',
        breaks: 'a run goes on with an order that was put in doubt meanwhile',
      },
      {
        find: "if (refusalIn(error)?.type === 'OrderInDoubt')",
        replace: 'if (false)',
        breaks: 'no operator hears of a Reback of which nobody knows whether it was applied',
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
