import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { createOrderWorkflowId, WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { findTemporalCli } from '../../dev/programs/temporal-cli.ts'
import { listOrders, listText } from '../../operators/list-orders.ts'
import { retryOrder } from '../../operators/retry-order.ts'
import { sagaPicture } from '../../operators/saga-picture.ts'
import { showOrder } from '../../operators/show-order.ts'
import { readAudit } from '../../store/audit.ts'
import { until } from '../e2e/faults/until.ts'
import { Shop } from '../reconciliation/shop.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { withWorker } from '../support/workflow-runs.ts'
import { operatorDeps } from './operator-deps.ts'

const LINES = [{ goodsId: 1, num: 2 }]
const RECIPIENT = { address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '+99-5550-80131' }
const ADA = { by: 'Ada', why: 'the user service is back' }

describe('an order one of whose steps somebody paused', () => {
  let shop: Shop
  let client: Client
  let native: NativeConnection
  let address: string

  before(async () => {
    ;({ address } = await testTemporal())
    client = new Client({ connection: await Connection.connect({ address }) })
    native = await NativeConnection.connect({ address })
    shop = await Shop.open()
  })
  after(async () => {
    await client.connection.close()
    await native.close()
    await shop.close()
  })

  it('is listed and shown as such, and retry lets the step go on', async () => {
    const parts = operatorDeps(shop, client)
    const orderSn = await shop.opened(LINES)
    const { userId, requestId } = (await shop.orders.getOrder(orderSn)) ?? assert.fail('it was opened')
    const workflowId = createOrderWorkflowId(orderSnOf({ userId, requestId }))
    let away = true
    const activities = {
      ...new FakeShop().activities(),
      getUser: async () => {
        if (away) throw new Error('the user service is away')
      },
    }
    await withWorker({ connection: native, client }, activities, async (_, taskQueue) => {
      const args = [{ userId, requestId, ...RECIPIENT, lines: LINES }]
      const run = await client.workflow.start(WORKFLOW_TYPES.createOrder, { workflowId, taskQueue, args })
      const id = await until('the step failed', async () => {
        const { raw } = await run.describe()
        const step = raw.pendingActivities?.find(({ activityType }) => activityType?.name === 'getUser')
        assert.match(step?.lastFailure?.message ?? '', /the user service is away/)
        return step?.activityId ?? ''
      })
      const listed = async () =>
        (await listOrders(parts)).orders.find((one) => one.orderSn === orderSn) ?? assert.fail('not listed')
      const before = await listed()
      assert.deepEqual([before.openRun, before.paused, before.next], [workflowId, undefined, `show ${orderSn}`])

      await temporal('activity', 'pause', '--workflow-id', workflowId, '--activity-id', id)
      const next = `getUser is paused: temporal activity unpause, or retry ${orderSn}`
      await until('it is listed as paused', async () => {
        const { openRun, paused, next: advice } = await listed()
        assert.deepEqual([openRun, paused, advice], [workflowId, ['getUser'], next])
      })
      assert.ok(listText({ orders: [await listed()] }).includes(next))
      const shown = await showOrder(parts, orderSn)
      assert.deepEqual([shown.runs[0]?.status, shown.runs[0]?.paused], ['RUNNING', ['getUser']])
      assert.match(sagaPicture(shown), new RegExp(`run +createOrder ${workflowId}: running, getUser is paused`))

      away = false
      assert.match(
        await retryOrder(parts, orderSn, ADA),
        new RegExp(`^getUser of run ${workflowId} is tried again now; see: show `),
      )
      assert.equal((await run.result()).orderSn, orderSn)
      const trail = (await readAudit(shop.db, orderSn)).map(({ verb, by }) => [verb, by])
      assert.deepEqual(trail, [['retry', 'Ada']])
    })
  })

  /** The Temporal CLI, as an operator has it. */
  async function temporal(...args: string[]): Promise<void> {
    await promisify(execFile)(await findTemporalCli({ log: () => {} }), [...args, '--address', address])
  }
})
