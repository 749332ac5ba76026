import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import type { SoughtOrder } from '../../contracts/attendance.ts'
import { createOrderWorkflowId, formerWorkflowId, settleOrderWorkflowId, WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { searchAttributesOfBatch } from '../../contracts/search-attributes.ts'
import { attendanceOf } from '../../temporal/attendance.ts'
import { until } from '../e2e/faults/until.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { withWorker } from '../support/workflow-runs.ts'

/** Longer than any of these tests takes: nothing is stalled. */
const PATIENT_MS = 3_600_000
const RECIPIENT = { address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '+99-5550-80131' }

describe('the runs of an order', () => {
  let client: Client
  let native: NativeConnection
  let users = 0

  before(async () => {
    const { address } = await testTemporal()
    client = new Client({ connection: await Connection.connect({ address }) })
    native = await NativeConnection.connect({ address })
  })
  after(async () => {
    await client.connection.close()
    await native.close()
  })

  function anOrder(change: Partial<SoughtOrder> = {}): SoughtOrder {
    const key = { userId: ++users, requestId: randomUUID() }
    return { ...key, orderSn: orderSnOf(key), workflowId: `create-orders/${randomUUID()}`, wasConfirmed: false, ...change }
  }

  /** A run that nobody works at. @param names the orders that it says it is at; none: it does not say */
  async function started(workflowId: string, names: SoughtOrder[] = [], type: string = WORKFLOW_TYPES.createOrder) {
    const typedSearchAttributes = searchAttributesOfBatch(names.map((order) => ({ orderSn: order.orderSn, request: order })))
    return await client.workflow.start(type, {
      workflowId,
      taskQueue: `nobody-${randomUUID()}`,
      ...(names.length > 0 && { typedSearchAttributes }),
    })
  }

  const idsOf = (order: SoughtOrder) => [
    order.workflowId,
    createOrderWorkflowId(order.orderSn),
    formerWorkflowId(order),
    settleOrderWorkflowId(order.orderSn),
  ]

  it('attend it from their start to their end, whatever ended them', async () => {
    for (const which of idsOf(anOrder()).keys()) {
      const order = anOrder()
      const workflowId = String(idsOf(order)[which])
      assert.deepEqual(await attendanceOf(client, order), { kind: 'abandoned' })
      const run = await started(workflowId, [order])
      assert.deepEqual(await attendanceOf(client, order), { kind: 'attended', workflowId, paused: [] })
      await run.terminate()
      assert.deepEqual(await attendanceOf(client, order), { kind: 'abandoned' })
    }
  })

  it('do not attend it if they say that they are at others, as one does that uses an id again', async () => {
    const [order, another] = [anOrder(), anOrder()]
    const both = await started(order.workflowId, [another, order])
    assert.equal((await attendanceOf(client, order)).kind, 'attended')
    await both.terminate()
    await started(order.workflowId, [another])
    assert.equal((await attendanceOf(client, order)).kind, 'abandoned')
  })

  it('may attend it if they do not say yet, and are of a type that will', async () => {
    const order = anOrder()
    const run = await started(order.workflowId)
    assert.equal((await attendanceOf(client, order)).kind, 'attended')
    await run.terminate()
    await started(order.workflowId, [], 'somethingElse')
    assert.equal((await attendanceOf(client, order)).kind, 'abandoned')
  })

  it('do not attend it if no worker takes their tasks, whatever they say of themselves', async () => {
    for (const names of [true, false]) {
      const order = anOrder()
      await started(createOrderWorkflowId(order.orderSn), names ? [order] : [])
      assert.equal((await attendanceOf(client, order, PATIENT_MS)).kind, 'attended')
      assert.equal((await attendanceOf(client, order, 0)).kind, 'abandoned')
    }
  })

  it('do not attend it if every attempt at their task fails, however new the last one is', async () => {
    const order = anOrder()
    await withWorker({ connection: native, client }, new FakeShop().activities(), async (_, taskQueue) => {
      await client.workflow.start('noSuchWorkflow', {
        workflowId: order.workflowId,
        taskQueue,
        typedSearchAttributes: searchAttributesOfBatch([{ orderSn: order.orderSn, request: order }]),
      })
      await until('its task failed twice', async () => {
        const { raw } = await client.workflow.getHandle(order.workflowId).describe()
        assert.ok(Number(raw.pendingWorkflowTask?.attempt) > 1)
      })
      const stalledMs = await until('the attempt is newer than the last event', async () => {
        const { raw } = await client.workflow.getHandle(order.workflowId).describe()
        const attempted = Number(raw.pendingWorkflowTask?.scheduledTime?.seconds)
        const began = Number(raw.workflowExecutionInfo?.startTime?.seconds)
        assert.ok(attempted - began > 3)
        return 3_000
      })
      assert.equal((await attendanceOf(client, order, stalledMs)).kind, 'abandoned')
      await client.workflow.getHandle(order.workflowId).terminate()
    })
  })

  it('attend it while they wait for a step that is tried again and again, and tell a step that somebody paused', async () => {
    const shop = new FakeShop()
    const request = { userId: ++users, requestId: randomUUID(), ...RECIPIENT, lines: [{ goodsId: 1, num: 1 }] }
    const order = anOrder({ ...request, orderSn: orderSnOf(request), workflowId: createOrderWorkflowId(orderSnOf(request)) })
    let away = true
    const activities = {
      ...shop.activities(),
      getUser: async () => {
        if (away) throw new Error('the user service is away')
      },
    }
    await withWorker({ connection: native, client }, activities, async (_, taskQueue) => {
      const { workflowId } = order
      const run = await client.workflow.start(WORKFLOW_TYPES.createOrder, { workflowId, taskQueue, args: [request] })
      await until('the step failed', async () => assert.match(await pendingFailures(workflowId), /the user service is away/))
      // A workflow task of the steps that are done may be pending still, with which a run is stalled after 0 ms.
      const attended = (paused: string[]) =>
        until('the run only waits', async () =>
          assert.deepEqual(await attendanceOf(client, order, 0), { kind: 'attended', workflowId, paused }),
        )
      await attended([])
      const { namespace } = client.options
      await client.workflowService.pauseActivity({ namespace, execution: { workflowId }, type: 'getUser', identity: 'Ada' })
      await attended(['getUser'])
      away = false
      await client.workflowService.unpauseActivity({ namespace, execution: { workflowId }, type: 'getUser', identity: 'Ada' })
      await run.result()
    })
  })

  async function pendingFailures(workflowId: string): Promise<string> {
    const { raw } = await client.workflow.getHandle(workflowId).describe()
    return (raw.pendingActivities ?? []).map(({ lastFailure }) => lastFailure?.message ?? '').join()
  }

  for (const [what, workflowId] of Object.entries({
    'is empty': '',
    'is longer than the server takes': 'x'.repeat(1_001),
    'is longer than a message may be': 'x'.repeat(5_000_000),
    'has more bytes than characters': '\u{1F600}'.repeat(300),
    'names a lost namespace': 'Namespace lost is not found.',
  })) {
    it(`leave it abandoned if the id of the one that opened it ${what}: no run can have it`, async () => {
      for (const connection of [client.connection, native]) {
        assert.deepEqual(await attendanceOf(new Client({ connection }), anOrder({ workflowId })), { kind: 'abandoned' })
      }
    })
  }

  it('attend it also if their memo cannot be read', async () => {
    const order = anOrder()
    const { namespace } = client.options
    await client.workflowService.startWorkflowExecution({
      namespace,
      workflowId: order.workflowId,
      requestId: randomUUID(),
      workflowType: { name: WORKFLOW_TYPES.createOrder },
      taskQueue: { name: 'nobody' },
      memo: { fields: { unreadable: { metadata: { encoding: Buffer.from('of/another') }, data: Buffer.from('?') } } },
    })
    assert.equal((await attendanceOf(client, order)).kind, 'attended')
  })

  it('say nothing of it while Temporal or its namespace is away: it is not taken for abandoned', async () => {
    const away = Connection.lazy({ address: '127.0.0.1:1' })
    await assert.rejects(away.withDeadline(Date.now() + 300, () => attendanceOf(new Client({ connection: away }), anOrder())))
    await away.close()
    for (const connection of [client.connection, native]) {
      await assert.rejects(attendanceOf(new Client({ connection, namespace: 'lost' }), anOrder()), /not found/)
    }
  })
})
