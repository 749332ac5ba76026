import assert from 'node:assert/strict'
import type { Client, Connection } from '@temporalio/client'
import { registerSearchAttributes, requireSearchAttributes, scheduleEvery } from '../../temporal/registration.ts'
import { freshNamespace } from './fresh-namespace.ts'

const NAMES = ['OrderSn', 'UserId', 'RequestId']
/** temporal.api.enums.v1.IndexedValueType */
const TEXT = 1
const KEYWORD = 2

describe('the registration in a Temporal namespace', () => {
  let client: Client & { connection: Connection }

  beforeEach(async () => {
    client = await freshNamespace()
  })
  afterEach(() => client.connection.close())

  it('is asked for, by name and command, if search attributes are missing', async () => {
    await assert.rejects(requireSearchAttributes(client), (error: Error) => {
      assert.match(error.message, new RegExp(`namespace ${client.options.namespace} lacks .* OrderSn, UserId, RequestId`))
      assert.match(error.message, /npm run register/)
      return true
    })
  })

  it('is made once, however often it is asked for', async () => {
    assert.deepEqual(await registerSearchAttributes(client), NAMES)
    await requireSearchAttributes(client)
    assert.deepEqual(await registerSearchAttributes(client), [])
  })

  it('is made by any number of callers at once', async () => {
    await Promise.all([1, 2, 3].map(() => registerSearchAttributes(client)))
    await requireSearchAttributes(client)
  })

  it('adds what is missing to what is there', async () => {
    await add({ RequestId: KEYWORD })
    assert.deepEqual(await registerSearchAttributes(client), ['OrderSn', 'UserId'])
    await requireSearchAttributes(client)
  })

  it('names an attribute that is there with another type: neither is it changed, nor is it taken for right', async () => {
    await add({ UserId: TEXT })
    const problem = new RegExp(`namespace ${client.options.namespace} has the search attributes UserId with another type: remove`)
    await assert.rejects(registerSearchAttributes(client), problem)
    await assert.rejects(requireSearchAttributes(client), problem)
  })

  it('makes one Schedule of the sweep, and brings it up to date', async () => {
    await scheduleEvery(client, 'sweep-orders', 'orders', 30_000)
    await scheduleEvery(client, 'sweep-orders', 'other', 5_000)
    const { action, spec, policies } = await client.schedule.getHandle('sweep-orders').describe()
    assert.deepEqual([action.type, action.workflowType, action.taskQueue], ['startWorkflow', 'sweepOrders', 'other'])
    assert.deepEqual([spec.intervals?.map(({ every }) => every), policies.overlap], [[5_000], 'SKIP'])
    const ids: string[] = []
    for await (const { scheduleId } of client.schedule.list()) ids.push(scheduleId)
    assert.ok(ids.length <= 1, String(ids)) // the list may lag behind
  })

  it('makes the Schedule of the reconciliation beside it', async () => {
    await scheduleEvery(client, 'sweep-orders', 'orders', 30_000)
    await scheduleEvery(client, 'reconcile-stock', 'orders', 300_000)
    const { action, spec } = await client.schedule.getHandle('reconcile-stock').describe()
    assert.deepEqual([action.workflowType, spec.intervals?.map(({ every }) => every)], ['reconcileStock', [300_000]])
    assert.equal((await client.schedule.getHandle('sweep-orders').describe()).action.workflowType, 'sweepOrders')
  })

  it('makes the Schedule that closes what is due, one run at a time', async () => {
    await scheduleEvery(client, 'close-due-orders', 'orders', 5_000)
    const { action, spec, policies } = await client.schedule.getHandle('close-due-orders').describe()
    assert.deepEqual([action.workflowType, action.taskQueue], ['closeDueOrders', 'orders'])
    assert.deepEqual([spec.intervals?.map(({ every }) => every), policies.overlap], [[5_000], 'SKIP'])
  })

  it('keeps a Schedule paused that an operator paused', async () => {
    await scheduleEvery(client, 'sweep-orders', 'orders', 30_000)
    const schedule = client.schedule.getHandle('sweep-orders')
    await schedule.pause('by hand')
    await scheduleEvery(client, 'sweep-orders', 'orders', 5_000)
    assert.equal((await schedule.describe()).state.paused, true)
  })

  async function add(searchAttributes: Record<string, number>) {
    const { namespace } = client.options
    await client.connection.operatorService.addSearchAttributes({ namespace, searchAttributes })
    for (;;) {
      const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace })
      if (Object.keys(searchAttributes).every((name) => name in customAttributes)) return
    }
  }
})
