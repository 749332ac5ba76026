import { inFile } from '../mutation.ts'

const ORDERS = 'test/api/orders.test.ts'
const LANE = 'test/api/lane-intake.test.ts'
const FLOODS = 'test/api/floods.test.ts'
const RUNS = 'test/temporal/order-runs.test.ts'

export const API_SAFEGUARDS = [
  ...inFile(
    'api/bodies.ts',
    [FLOODS],
    [
      {
        find: 'size > this.#limits.maxBytes - this.#held',
        replace: 'false',
        breaks: 'half bodies take all memory',
      },
      { find: 'this.#held -= size', replace: '', breaks: 'the room of bodies that are read never comes back' },
    ],
  ),
  ...inFile(
    'api/order-intake.ts',
    [ORDERS],
    [
      {
        find: 'if (!isMine) {',
        replace: 'if (false) {',
        breaks: 'another body of the same key is answered with the first order',
      },
      {
        find: 'if (away) throw failureOf(away)',
        replace: '',
        breaks: 'orders pile up while nothing can serve them',
      },
      {
        find: 'if (owed.length === 0 && order.refusal)',
        replace: 'if (order.refusal)',
        breaks: 'a refusal is answered while its stock is held',
      },
      {
        find: "if (after === 'creating' && outcome.refused.type !== 'CompensationFailed')",
        replace: 'if (false)',
        breaks: "another body's refusal is answered of an order that is still being created",
      },
      {
        find: "isDoubt(ended.outcome) ? { kind: 'open' as const } : ended.outcome",
        replace: 'ended.outcome',
        breaks: 'an order is answered as refused of which nobody knows whether it was sold',
      },
      {
        find: "status: known === 'closing' ? 'TRADE_CLOSED' : 'CREATING'",
        replace: "status: 'CREATING'",
        breaks: 'a closed order is said to be on its way',
      },
    ],
  ),
  ...inFile(
    'api/order-intake.ts',
    ['test/api/held-orders.test.ts'],
    [
      {
        find: 'if (performance.now() - since > RECORDED_WITHIN_MS) break',
        replace: 'break',
        breaks: 'the rows of a batch on its way are there before it is: each of its orders is handed over',
      },
      {
        find: "outcome.kind === 'open' ? this.#held(request, orderSn, ended) : this.#recorded(",
        replace: 'this.#recorded(',
        breaks: 'a caller is told 202 of an order that nobody has recorded, and is told 404 of it next',
      },
      {
        find: "if (after === 'unreadable' && !ended.isStarted) throw failureOf(nobodyKnows())",
        replace: '',
        breaks: 'a caller is told 202 of an order that neither party may have heard of',
      },
    ],
  ),
  ...inFile(
    'api/admission.ts',
    [ORDERS],
    [
      {
        find: "...(store.isUp ? [] : ['postgresql' as const])",
        replace: '',
        breaks: 'orders pile up while PostgreSQL takes no writes',
      },
    ],
  ),
  ...inFile(
    'api/lane-intake.ts',
    [LANE],
    [
      {
        find: 'if (!this.#queue.remove(order)) {',
        replace: 'if (true as boolean) {',
        breaks: 'a caller is told 202 of an order that stands in our memory alone',
      },
      {
        find: "if (this.#queue.length >= maxQueue) return 'queue_full'",
        replace: '',
        breaks: 'the queue of the lane grows without a bound',
      },
    ],
  ),
  ...inFile(
    'api/lane-queue.ts',
    [LANE],
    [
      {
        find: 'return order?.workflowId === workflowId ? order : undefined',
        replace: 'return order',
        breaks: 'another body is answered with the order that a batch confirmed late',
      },
      {
        find: '!users.has(userId) && !this.#leaving.has(order.orderSn)',
        replace: '!this.#leaving.has(order.orderSn)',
        breaks: 'the second order of a user in a batch is refused as OrderInProgress',
      },
      {
        find: '!users.has(userId) && !this.#leaving.has(order.orderSn)',
        replace: '!users.has(userId)',
        breaks: "a confirmation is told to another body's caller",
      },
      {
        find: 'orders.length < MAX_BATCH_ORDERS && ',
        replace: '',
        breaks: 'a batch is larger than its search attribute may be, and is never started',
      },
    ],
  ),
  ...inFile(
    'temporal/own-run.ts',
    [RUNS],
    [
      {
        find: "workflowIdConflictPolicy: 'FAIL' as const",
        replace: "workflowIdConflictPolicy: 'USE_EXISTING' as const",
        breaks: "another body's run is taken for one's own",
      },
    ],
  ),
  ...inFile(
    'temporal/order-runs.ts',
    [RUNS],
    [
      {
        find: "if (cause instanceof TerminatedFailure || cause instanceof TimeoutFailure) return { kind: 'open' }",
        replace: '',
        breaks: 'a run that was terminated is answered by 500, and its order is settled otherwise',
      },
    ],
  ),
  ...inFile(
    'temporal/start-run.ts',
    [RUNS, 'test/temporal/temporal-connection.test.ts'],
    [
      {
        find: 'if (sent.isOne && code === grpcStatus.RESOURCE_EXHAUSTED)',
        replace: 'if (code === grpcStatus.RESOURCE_EXHAUSTED)',
        breaks: 'a caller is told that nothing was started, of an order that stands: the first request took effect',
      },
      {
        find: 'if (sent.isOne && code !== undefined',
        replace: 'if (code !== undefined',
        breaks: 'a caller is told that Temporal refused an order that stands: the first request took effect',
      },
    ],
  ),
  ...inFile(
    'api/order-view.ts',
    ['test/api/order-view.test.ts'],
    [
      {
        find: 'if (progress?.orderSn !== undefined && progress.orderSn !== orderSn) progress = undefined',
        replace: '',
        breaks: "another order's saga is shown",
      },
    ],
  ),
  ...inFile(
    'api/app.ts',
    [ORDERS],
    [
      {
        find: '!isUtf8(body)',
        replace: 'false',
        breaks: 'an order goes to an address that nobody wrote',
      },
    ],
  ),
  ...inFile(
    'api/unserved.ts',
    ['test/api/problems.test.ts'],
    [{ find: "reply.header('allow', allow.join(', '))", replace: '', breaks: 'a client is not told which methods a path takes' }],
  ),
]
