import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Metadata, status } from '@grpc/grpc-js'
import { Client, Connection, ServiceError, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client'
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  RetryState,
  TerminatedFailure,
  TimeoutFailure,
} from '@temporalio/common'
import { PayloadLocked } from '../../codec/payload-locked.ts'
import { failureIn, failureOf } from '../../contracts/application-failure.ts'
import { createOrderWorkflowId, type OrderRequest } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { OrderRuns } from '../../temporal/order-runs.ts'
import { ORDER_SN, REFUSED, REQUEST, RESULT } from '../api/parts.ts'
import { testTemporal } from '../support/temporal.ts'

type FakeClient = ConstructorParameters<typeof OrderRuns>[0]

/** A client whose start ends like this; the deadline and the signal are the test's own business. */
function runsWhoseStart(start: () => Promise<unknown>): OrderRuns {
  const client = { start, withDeadline: (_: number, call: () => unknown) => call(), getHandle: () => ({}) }
  return new OrderRuns(client as unknown as FakeClient, 'orders')
}

function serviceError(code: status): ServiceError {
  const cause = Object.assign(new Error(status[code]), { code, details: status[code], metadata: new Metadata() })
  return new ServiceError('Failed to start Workflow', { cause })
}

describe('a start', () => {
  it('whose fate is unknown is told as such', async () => {
    for (const code of [status.UNAVAILABLE, status.DEADLINE_EXCEEDED, status.INTERNAL, status.UNKNOWN, status.CANCELLED]) {
      assert.equal(
        await runsWhoseStart(() => Promise.reject(serviceError(code))).start(REQUEST, ORDER_SN),
        undefined,
        status[code],
      )
    }
  })

  it('that Temporal certainly did not make is refused', async () => {
    const failureOn = async (error: Error) =>
      failureIn(
        await runsWhoseStart(() => Promise.reject(error))
          .start(REQUEST, ORDER_SN)
          .then(
            () => assert.fail('it was not refused'),
            (thrown: unknown) => thrown,
          ),
      )
    assert.equal((await failureOn(serviceError(status.RESOURCE_EXHAUSTED)))?.type, 'ServiceUnavailable')
    assert.equal((await failureOn(serviceError(status.INVALID_ARGUMENT)))?.type, 'ServiceRejected')
    assert.equal((await failureOn(serviceError(status.PERMISSION_DENIED)))?.type, 'ServiceRejected')
    assert.equal((await failureOn(new WorkflowNotFoundError('no such namespace', 'id', undefined)))?.type, 'ServiceRejected')
  })

  it("whose answer may be a repeat's, since it comes late, is of unknown fate, whatever it says: the first attempt may have started a run", async () => {
    for (const code of [status.RESOURCE_EXHAUSTED, status.PERMISSION_DENIED]) {
      const late = async () => {
        await sleep(200)
        throw serviceError(code)
      }
      assert.equal(await runsWhoseStart(late).start(REQUEST, ORDER_SN), undefined, status[code])
    }
  })

  it('that fails by a defect of ours is no open question', async () => {
    const defect = new TypeError('defect')
    await assert.rejects(runsWhoseStart(() => Promise.reject(defect)).start(REQUEST, ORDER_SN), defect)
  })
})

describe('the outcome of a run', () => {
  const runs = new OrderRuns(
    { withAbortSignal: (_: AbortSignal, call: () => unknown) => call() } as unknown as FakeClient,
    'orders',
  )
  const outcomeOf = (result: Promise<typeof RESULT>, signal = new AbortController().signal) =>
    runs.outcome({ attached: false, handle: { result: () => result } }, signal)
  const failed = (cause: Error) =>
    outcomeOf(Promise.reject(new WorkflowFailedError('Workflow execution failed', cause, RetryState.NON_RETRYABLE_FAILURE)))

  it('is its result', async () => {
    assert.deepEqual(await outcomeOf(Promise.resolve(RESULT)), { kind: 'created', result: RESULT })
  })

  it('is its refusal, however deep', async () => {
    const failure = failureOf(REFUSED)
    const within = new ActivityFailure('Activity task failed', 'sell', '1', RetryState.NON_RETRYABLE_FAILURE, 'w', failure)
    for (const cause of [failure, within]) assert.deepEqual(await failed(cause), { kind: 'refused', refused: REFUSED })
  })

  it('is OrderCancelled if the run was cancelled', async () => {
    const outcome = await failed(new CancelledFailure('Workflow cancelled'))
    assert.equal(outcome.kind === 'refused' && outcome.refused.type, 'OrderCancelled')
  })

  it('is open if the run is gone before its order was settled, or if only the wait broke', async () => {
    assert.deepEqual(await failed(new TerminatedFailure('by hand')), { kind: 'open' })
    assert.deepEqual(await failed(new TimeoutFailure('late', undefined, 'START_TO_CLOSE')), { kind: 'open' })
    assert.deepEqual(await outcomeOf(Promise.reject(serviceError(status.UNAVAILABLE))), { kind: 'open' })
    assert.deepEqual(await outcomeOf(Promise.reject(PayloadLocked.withoutKey('k2', true))), { kind: 'open' })
  })

  it('is open when nobody waits any longer', async () => {
    assert.deepEqual(await outcomeOf(new Promise(() => {}), AbortSignal.timeout(1)), { kind: 'open' })
    assert.deepEqual(await outcomeOf(new Promise(() => {}), AbortSignal.abort()), { kind: 'open' })
  })

  it('is broken if the failure table does not know the failure', async () => {
    assert.equal((await failed(ApplicationFailure.create({ type: 'Strange' }))).kind, 'broken')
    assert.equal((await outcomeOf(Promise.reject(new TypeError('defect')))).kind, 'broken')
  })
})

describe('runs on a real Temporal server without a worker', () => {
  let connection: Connection
  let client: Client
  let runs: OrderRuns
  const request: OrderRequest = { ...REQUEST, requestId: `runs-${process.pid}-${Date.now()}` }
  const orderSn = orderSnOf(request)
  const workflowId = createOrderWorkflowId(orderSnOf(request))

  before(async () => {
    connection = await Connection.connect({ address: (await testTemporal()).address })
    client = new Client({ connection })
    runs = new OrderRuns(client.workflow, `nobody-polls-${process.pid}`)
  })
  after(async () => {
    await client?.workflow
      .getHandle(workflowId)
      .terminate()
      .catch(() => undefined)
    await connection?.close()
  })

  it('are started once: the second start attaches to the first', async () => {
    assert.equal((await runs.start(request, orderSn))?.attached, false)
    assert.equal((await runs.start(request, orderSn))?.attached, true)
    const { typedSearchAttributes, type, staticSummary } = await client.workflow.getHandle(workflowId).describe()
    assert.equal(type, 'createOrder')
    assert.equal(await staticSummary(), `Order ${orderSn} of user 7`)
    const attributes = Object.fromEntries(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]))
    assert.deepEqual([attributes.OrderSn, attributes.UserId, attributes.RequestId], [[orderSn], ['7'], orderSn])
  })

  it('name nobody: of what the server keeps in clear nothing holds the key', async () => {
    const { raw } = await client.workflow.getHandle(workflowId).describe()
    const { execution, searchAttributes, memo } = raw.workflowExecutionInfo ?? {}
    const fields = Object.values({ ...searchAttributes?.indexedFields, ...memo?.fields })
    const texts = [`${execution?.workflowId}`, ...fields.map(({ data }) => Buffer.from(data ?? []).toString())]
    assert.ok(texts.every((text) => !text.includes(request.requestId)))
    assert.equal(texts.filter((text) => text.includes(orderSn)).length, 3)
  })

  it('say nothing of their progress', async () => {
    assert.equal(await runs.progress(workflowId), undefined)
  })

  it('end open when terminated, and are started anew by the next request', async () => {
    const run = await runs.start(request, orderSn)
    assert.ok(run?.attached)
    const outcome = runs.outcome(run, new AbortController().signal)
    await client.workflow.getHandle(workflowId).terminate('by hand')
    assert.deepEqual(await outcome, { kind: 'open' })
    assert.equal((await runs.start(request, orderSn))?.attached, false)
  })
})
