import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker'
import type { CreateOrderResult } from '../../../contracts/create-order.ts'
import { orderSnOf } from '../../../contracts/order-sn.ts'
import { until } from '../../e2e/faults/until.ts'
import { FakeShop, failing, type Step } from '../../support/fake-shop.ts'
import { testTemporal } from '../../support/temporal.ts'
import { outcome, workflowBundle } from '../../support/workflow-runs.ts'
import { readHistory } from '../histories/history-json.ts'

const HISTORIES = new URL('../histories/', import.meta.url)
const CONVERTER = fileURLToPath(new URL('../../../workflows/payload-converter.ts', import.meta.url))

/** `held`: the new build, its change not activated yet. */
type Build = 'present' | 'next' | 'next, held'

describe('orders in flight while one build takes over from another', () => {
  let next: WorkflowBundleWithSourceMap
  let native: NativeConnection
  let connection: Connection
  let shop: FakeShop
  let taskQueue: string
  /** The orders whose address was checked: the step that only the next build has. */
  let checked: string[]

  before(async () => {
    const { address } = await testTemporal()
    native = await NativeConnection.connect({ address })
    connection = await Connection.connect({ address })
    next = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('next-workflows.ts', import.meta.url)),
      payloadConverterPath: CONVERTER,
      logger: new DefaultLogger('ERROR'),
    })
  })

  after(async () => {
    await native.close()
    await connection.close()
  })

  beforeEach(() => {
    shop = new FakeShop()
    taskQueue = `upgrade-${randomUUID()}`
    checked = []
  })

  /** Runs a worker of this build while the story lasts; the one before it is gone by then. */
  async function on<T>(build: Build, story: () => Promise<T>): Promise<T> {
    const worker = await Worker.create({
      connection: native,
      taskQueue,
      workflowBundle: build === 'present' ? await workflowBundle() : next,
      dataConverter: { payloadConverterPath: CONVERTER },
      activities: {
        ...shop.activities(),
        async checkAddress(orderSn: string) {
          checked.push(orderSn)
        },
      },
      // Every workflow task replays its run from the beginning, on whatever build it lands.
      maxCachedWorkflows: 0,
      ...(build === 'next, held' && { patchActivationCallback: () => false }),
    })
    return await worker.runUntil(story())
  }

  /** Starts an order that stands at this step until `open` is called. */
  async function startAndStandAt(step: Step): Promise<WorkflowHandle> {
    const before = shop.calls.filter((called) => called === step).length
    shop.before(step, failing('ServiceUnavailable'))
    const handle = await start()
    await until(`an order stands at ${step}`, () => assert.ok(shop.calls.filter((called) => called === step).length > before))
    return handle
  }

  function open(step: Step): void {
    shop.before(step, () => {})
  }

  async function start(): Promise<WorkflowHandle> {
    const requestId = randomUUID()
    const customer = { userId: 1, address: '1 Test Street', name: 'Somebody', mobile: '0100' }
    const args = [{ ...customer, requestId, lines: [{ goodsId: 1, num: 1 }] }]
    return await new Client({ connection }).workflow.start('createOrder', {
      taskQueue,
      workflowId: requestId,
      args,
      // A task that a worker took as it left is missed for that long; the order's budget of 30 s goes on meanwhile.
      workflowTaskTimeout: '2s',
    })
  }

  async function assertConfirmed(handle: WorkflowHandle, how: 'checked' | 'not checked'): Promise<void> {
    const ended = await outcome<CreateOrderResult>(handle)
    assert.ok('result' in ended, JSON.stringify(ended))
    const orderSn = orderSnOf({ userId: 1, requestId: handle.workflowId })
    assert.deepEqual([ended.result.status, ended.result.orderSn], ['PAYING', orderSn])
    assert.equal(checked.filter((one) => one === orderSn).length, how === 'checked' ? 1 : 0, how)
  }

  it('forward: those past the changed place end the old way, those before it and new ones take the new step', async () => {
    const [pastIt, beforeIt] = await on('present', async () => [await startAndStandAt('sell'), await startAndStandAt('getUser')])
    open('sell')
    open('getUser')
    await on('next', async () => {
      await assertConfirmed(pastIt as WorkflowHandle, 'not checked')
      await assertConfirmed(beforeIt as WorkflowHandle, 'checked')
      await assertConfirmed(await start(), 'checked')
    })
    assert.deepEqual(shop.violations(), [])
  })

  it('and back, while the change is held: the build before ends what the new one began', async () => {
    const begun = await on('next, held', () => startAndStandAt('sell'))
    open('sell')
    await on('present', () => assertConfirmed(begun, 'not checked'))
    const again = await on('next, held', () => startAndStandAt('getUser'))
    open('getUser')
    await on('next', () => assertConfirmed(again, 'checked'))
    assert.deepEqual(shop.violations(), [])
  })

  it('and back, when the change is active: those past it wait for the new build, the others are ended; nothing is lost', async () => {
    const [pastIt, beforeIt] = await on('next', async () => [await startAndStandAt('sell'), await startAndStandAt('getUser')])
    open('sell')
    open('getUser')
    await on('present', async () => {
      await assertConfirmed(beforeIt as WorkflowHandle, 'not checked')
      await until('the build before says that it does not know this run', async () => {
        const { events } = await (pastIt as WorkflowHandle).fetchHistory()
        assert.ok(events?.some((event) => event.workflowTaskFailedEventAttributes))
      })
    })
    await on('next', () => assertConfirmed(pastIt as WorkflowHandle, 'checked'))
    assert.deepEqual(shop.violations(), [])
  })

  it('the new build goes on with every run of createOrder that was ever recorded', async () => {
    const histories = readdirSync(HISTORIES)
      .filter((file) => file.endsWith('.json'))
      .map((file) => ({ workflowId: file, history: readHistory(readFileSync(new URL(file, HISTORIES), 'utf8')) }))
    const failed: string[] = []
    const replayed = Worker.runReplayHistories({ workflowBundle: next }, histories)
    for await (const { workflowId, error } of replayed) if (error) failed.push(`${workflowId}: ${error.message}`)
    assert.deepEqual(failed, [])
    assert.ok(histories.length > 0)
  })
})
