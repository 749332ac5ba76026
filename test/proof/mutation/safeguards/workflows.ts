import { inFile } from '../mutation.ts'

const SINGLE = 'test/workflows/create-order.test.ts'
const LANE = 'test/workflows/create-orders.test.ts'
const UNKEYED = 'test/workflows/unkeyed-orders.test.ts'
const SECOND_ROUND = 'test/workflows/second-round.test.ts'
const RESET = 'test/workflows/reset.test.ts'
const REPLAY = 'test/workflows/replay.test.ts'
const IN_FLIGHT = 'test/workflows/effect-in-flight.test.ts'

export const WORKFLOW_SAFEGUARDS = [
  ...inFile(
    'workflows/is-own.ts',
    ['test/operators/answered.test.ts'],
    [
      {
        find: 'return inserted === true || (',
        replace: 'return (inserted as unknown) !== null || (',
        breaks: 'a repeat that fails closes an order that was answered as confirmed before a failover',
      },
    ],
  ),
  ...inFile(
    'workflows/is-own.ts',
    [RESET],
    [
      {
        find: 'if (runId !== firstExecutionRunId) return false',
        replace: 'void [runId, firstExecutionRunId]',
        breaks: 'a run that is reset closes an order that it answered as confirmed before a failover',
      },
    ],
  ),
  ...inFile(
    'workflows/compensations.ts',
    [SINGLE, UNKEYED],
    [
      {
        find: 'CancellationScope.nonCancellable(async () => {',
        replace: 'CancellationScope.cancellable(async () => {',
        breaks: 'who cancels a run twice cancels its compensation, and stock leaks',
      },
      {
        find: 'await giveBack(voided)\n    if (voided.refusal',
        replace: 'if (voided.refusal',
        breaks: 'a refused order keeps its stock',
      },
      {
        find: "await giveBack(voided)\n      return { kind: 'stands'",
        replace: "return { kind: 'stands'",
        breaks: 'a confirmed order that the shop has closed keeps its stock',
      },
      {
        find: "if (voided.refusal?.type === 'OrderInDoubt') throw failureOf(voided.refusal)",
        replace: '',
        breaks: 'callers are told refused of an order that may have been sold',
      },
      {
        find: '    const voided = await voidOrder(order)',
        replace:
          "    if ('orderSn' in order) await giveBackTo.inventory({ orderSn: order.orderSn, lines: [] })\n    const voided = await voidOrder(order)",
        breaks: 'stock goes back before the order is closed: it may be confirmed without its stock',
      },
      {
        find: 'if (failures.length > 0) fail(failures)',
        replace: '',
        breaks: 'a Reback that was refused is swallowed',
      },
      {
        find: 'if (doubt) throw failureOf(doubt)',
        replace: '',
        breaks: 'of an order in doubt its caller is told that a compensation failed',
      },
    ],
  ),
  ...inFile(
    'workflows/compensations.ts',
    ['test/workflows/strangers.test.ts'],
    [
      {
        find: 'failures.push({ owed, error:',
        replace: 'void ({ owed, error:',
        breaks: 'an order is answered as refused that owes something which this build can not give back',
      },
    ],
  ),
  ...inFile(
    'workflows/create-order.ts',
    [SINGLE],
    [
      {
        find: "if (settlement.kind === 'stands') return settlement.order",
        replace: '',
        breaks: 'callers are told refused of an order that stands, its confirmation having lost its reply',
      },
      {
        find: 'withinBudget(budgetLeft(workflowInfo(), Date.now()), expire,',
        replace: 'withinBudget(3_600_000, expire,',
        breaks: 'an order is tried for as long as a service is away, its user locked out',
      },
    ],
  ),
  ...inFile(
    'workflows/create-order.ts',
    [IN_FLIGHT],
    [
      {
        find: 'if (refused && isRefusal(refused)) return refused',
        replace: 'if (refused) return refused',
        breaks: 'a failure that passes is stored as the answer for ever',
      },
    ],
  ),
  ...inFile(
    'workflows/create-order.ts',
    [RESET],
    [
      {
        find: 'workflowInfo().firstExecutionRunId',
        replace: 'workflowInfo().runId',
        breaks: 'a run that is reset becomes another order',
      },
    ],
  ),
  ...inFile(
    'workflows/budget.ts',
    [SINGLE],
    [{ find: 'storyScope.cancel()', replace: '', breaks: 'an order is tried for as long as a service is away' }],
  ),
  ...inFile(
    'workflows/steps.ts',
    [IN_FLIGHT, SINGLE],
    [
      {
        find: 'ActivityCancellationType.WAIT_CANCELLATION_COMPLETED',
        replace: 'ActivityCancellationType.TRY_CANCEL',
        breaks: 'a Reback overtakes the Sell that it undoes',
      },
      {
        find: 'maximumInterval: UNDO_RETRY_AFTER_MS }',
        replace: 'maximumInterval: UNDO_RETRY_AFTER_MS, maximumAttempts: 3 }',
        breaks: 'an undo is given up while its service is away',
      },
    ],
  ),
  ...inFile(
    'workflows/create-orders.ts',
    [LANE],
    [
      {
        find: 'await CancellationScope.nonCancellable(() => handOver(',
        replace: 'await (handOver(',
        breaks: 'the undecided orders of a batch that is cancelled are left to the sweep',
      },
      {
        find: 'if (!returned.has(orderSn)) owing.add(orderSn)',
        replace: '',
        breaks: 'an order is said to be refused whose stock was not given back',
      },
      {
        find: 'else if (judged.order) batch.confirm(order, judged.order)',
        replace: '',
        breaks: 'callers are told refused of an order that stands',
      },
      {
        find: 'for (const order of batch.undecided) order.unresolved ??= unresolved',
        replace: 'throw error',
        breaks: 'a step that fails for a whole batch leaves its orders to the sweep',
      },
    ],
  ),
  ...inFile(
    'workflows/create-orders.ts',
    [LANE],
    [
      {
        find: "else if (judged.outcome === 'CONFIRMED') order.unresolved =",
        replace: "else if (judged.outcome === 'OTHER_MODE') order.unresolved =",
        breaks: 'callers are told refused of an order that stands, too large for the answer of its batch',
      },
    ],
  ),
  ...inFile(
    'workflows/create-orders.ts',
    [REPLAY],
    [
      {
        find: 'if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error',
        replace: 'throw error',
        breaks: "one order's run that is open already fails a whole batch that began before batches handed over by an activity",
      },
    ],
  ),
  ...inFile(
    'workflows/try-batch.ts',
    [LANE],
    [
      {
        find: "if (!answer || 'unknown' in answer)",
        replace: 'if (!answer)',
        breaks: 'an order whose Sell was not answered is confirmed',
      },
      {
        find: "else if ('refused' in answer) order.refusal = answer.refused",
        replace: '',
        breaks: 'an order is confirmed for which there was no stock',
      },
      {
        find: "else if (user && 'refused' in user) order.refusal = user.refused",
        replace: '',
        breaks: 'an order is confirmed of a user who does not exist',
      },
    ],
  ),
  ...inFile(
    'workflows/batch.ts',
    [SECOND_ROUND, LANE],
    [
      {
        find: ' && priced.length === 0',
        replace: '',
        breaks: 'an order is tried once more that may have been sold already',
      },
    ],
  ),
  ...inFile(
    'workflows/budget-left.ts',
    ['test/workflows/budget-left.test.ts'],
    [
      {
        find: 'Math.min(ORDER_BUDGET_MS, Math.max(0, left))',
        replace: 'Math.max(0, left)',
        breaks: 'a memo from outside locks a user out for as long as it says',
      },
    ],
  ),
  ...inFile(
    'workflows/price-order.ts',
    ['test/workflows/price-order.test.ts'],
    [
      {
        find: 'if (!Number.isSafeInteger(total))',
        replace: 'if (false)',
        breaks: 'an order costs another amount than its lines',
      },
      {
        find: "{ failure: 'GoodsOffSale', what: 'were off sale', isSo: (goods) => goods?.onSale === false }",
        replace: "{ failure: 'GoodsOffSale', what: 'were off sale', isSo: () => false }",
        breaks: 'goods are sold that are off sale',
      },
      {
        find: 'if (expectedTotal) refuseOtherTotal(priced, total, expectedTotal)',
        replace: '',
        breaks: 'a buyer is charged a price that changed behind their back',
      },
      {
        find: 'amount === expectedTotal.amount && currency === expectedTotal.currency',
        replace: 'amount === expectedTotal.amount',
        breaks: 'a buyer who agreed to an amount of one currency is charged it in another',
      },
    ],
  ),
  ...inFile(
    'workflows/missing-answer.ts',
    [LANE, SECOND_ROUND],
    [
      {
        find: "if (!user || 'unknown' in user)",
        replace: 'if (!user)',
        breaks: 'an order is confirmed of a user of whom nobody knows whether there is one',
      },
      {
        find: '!lines.some(({ goodsId }) => unanswered.has(goodsId))',
        replace: 'true',
        breaks: 'goods of which nobody answered are refused as missing, for ever',
      },
    ],
  ),
]
