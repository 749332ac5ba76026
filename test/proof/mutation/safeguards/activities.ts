import { inFile } from '../mutation.ts'

const ACTIVITIES = 'test/activities/activities.test.ts'
const ANOTHER_BODY = 'test/activities/another-body.test.ts'
const UNKEYED = 'test/activities/unkeyed-inventory.test.ts'
const JUDGED = 'test/activities/judged-effects.test.ts'
const SIZES = 'test/activities/payload-sizes.test.ts'

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
    'activities/orders.ts',
    [JUDGED],
    [
      {
        find: 'if (isClosedHere && !owed && refusal) onRefused',
        replace: 'if (false as boolean) onRefused',
        breaks: 'a refused order hears it when its whole batch has ended, although it owes nothing',
      },
      {
        find: 'isClosedHere && !owed',
        replace: 'isClosedHere',
        breaks: 'a refused order hears so while its stock is held, and orders again in vain',
      },
    ],
  ),
  ...inFile(
    'activities/participant-activities.ts',
    [JUDGED],
    [
      {
        find: 'await answerRefused(recorded)',
        replace: '',
        breaks: 'a refused order hears it when its whole batch has ended, although it was given back',
      },
    ],
  ),
  ...inFile(
    'operators/resolve-answered.ts',
    ['test/operators/answered.test.ts'],
    [
      {
        find: 'await deps.orders.voidOrders([{ orderSn, refusal: why }])',
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
    'activities/orders.ts',
    [UNKEYED],
    [
      {
        find: "if (order && outcome === 'OTHER_MODE') throw otherMode(order)",
        replace: '',
        breaks: 'a run of one mode takes an order of the other one, which stays as it is, for undone',
      },
      {
        find: "if (outcome === 'UNDER_WAY') throw underWay(orderSn, 'Sell')",
        replace: '',
        breaks: 'a run takes an order for undone whose Sell may still be answered',
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
        find: 'if (refused && isRefusal(refused)) return { refused }',
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
      {
        find: ' || encodedBytes(made) > MAX_BATCH_BYTES.ahead',
        replace: '',
        breaks: 'a workflow task fails for ever: its first step answers more than a payload may hold',
      },
      {
        find: '      await Promise.race([tried, patience])\n',
        replace: '      await tried\n',
        breaks: 'a slow Sell lets the step before it run out of time, and with it the whole batch',
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
  ...inFile(
    'activities/orders.ts',
    [UNKEYED],
    [
      {
        find: 'byThisRun: one.order.workflowId === workflowId && one.order.keyed === keyed',
        replace: 'byThisRun: one.order.workflowId === workflowId',
        breaks: 'the second round of a batch goes on with an order of the other mode',
      },
      {
        find: 'throw failureOf(doubtOf(order) ?? order.refusal',
        replace: 'throw failureOf(order.refusal',
        breaks: 'an order in doubt is said to be closed',
      },
      {
        find: 'refusal: doubtOf(order) ?? order.refusal',
        replace: 'refusal: order.refusal',
        breaks: 'an order in doubt is said to be closed, to those whose repeat is in a batch',
      },
      {
        find: 'order && (doubtOf(order) ?? order.refusal)',
        replace: 'order && order.refusal',
        breaks: 'an order in doubt is said to be closed, to those who undo it',
      },
    ],
  ),
  ...inFile(
    'activities/orders.ts',
    [SIZES],
    [
      {
        find: 'if (lines.length > linesLeft)',
        replace: 'if (lines.length > 99_999)',
        breaks: 'a batch of large carts has arguments that no payload holds, and its workflow task fails for ever',
      },
      {
        find: "if (size > bytesLeft) return { state: 'doubtful'",
        replace: "if (size > 99_999_999) return { state: 'doubtful'",
        breaks: 'a batch of repeats has a result that no payload holds, and its workflow task fails for ever',
      },
      {
        find: 'if (size > bytesLeft) return withoutOrder',
        replace: 'if (size > 99_999_999) return withoutOrder',
        breaks: 'a batch that is undone has a result that no payload holds, and its workflow task fails for ever',
      },
      {
        find: 'fitTexts(result.lines, MAX_RESULT_BYTES)',
        replace: 'result.lines',
        breaks: 'the repeat of an order of a thousand goods has a result that no payload holds',
      },
    ],
  ),
  ...inFile(
    'activities/leave-answered.ts',
    ['test/operators/answered.test.ts'],
    [
      {
        find: "if (order?.status !== 'CREATING') return",
        replace: 'if (!order) return',
        breaks: 'an order that an operator has closed is left alone: its stock is never given back',
      },
      {
        find: "throw failureOf(\n      failure('ServiceUnavailable'",
        replace: "return void failureOf(\n      failure('ServiceUnavailable'",
        breaks: 'an order that was answered as confirmed is closed while Temporal is away',
      },
    ],
  ),
]
