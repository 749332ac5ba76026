import assert from 'node:assert/strict'
import { Client, Connection } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { createOrderWorkflowId } from '../../contracts/create-order.ts'
import { listOrders } from '../../operators/list-orders.ts'
import { resolveAnswered } from '../../operators/resolve-answered.ts'
import { retryOrder } from '../../operators/retry-order.ts'
import { showOrder } from '../../operators/show-order.ts'
import { readAudit } from '../../store/audit.ts'
import { attendanceOf } from '../../temporal/attendance.ts'
import { Shop } from '../reconciliation/shop.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { withWorker } from '../support/workflow-runs.ts'
import { operatorParts } from './operator-parts.ts'

const LINES = [{ goodsId: 1, num: 2 }]
const RECIPIENT = { address: '7 Lantern Wharf', name: 'Philippa Quillfeather', mobile: '+99-5550-80131' }
const ADA = { by: 'Ada', why: 'failover of 09:12' }

describe('an order that its run called confirmed, and that the store holds as CREATING', () => {
  let shop: Shop
  let client: Client
  let native: NativeConnection
  let orderSn: string
  let workflowId: string

  before(async () => {
    const { address } = await testTemporal()
    client = new Client({ connection: await Connection.connect({ address }) })
    native = await NativeConnection.connect({ address })
    shop = await Shop.open()
  })
  after(async () => {
    await client.connection.close()
    await native.close()
    await shop.close()
  })
  beforeEach(async () => {
    orderSn = await shop.sold(LINES)
    const { userId, requestId } = (await shop.orders.getOrder(orderSn)) ?? assert.fail('it was opened')
    workflowId = createOrderWorkflowId({ userId, requestId })
    const request = { userId, requestId, ...RECIPIENT, lines: LINES }
    // Its confirmation is in the store of another shop: this one's was set back.
    await withWorker({ connection: native, client }, new FakeShop().activities(), async (_, taskQueue) => {
      await client.workflow.execute('createOrder', { workflowId, taskQueue, args: [request] })
    })
  })

  it('is named as such, and neither found abandoned nor settled by a retry', async () => {
    const parts = operatorParts(shop, client)
    const order = (await shop.store.holding(orderSn)) ?? assert.fail('it was opened')
    assert.equal((await attendanceOf(client, order)).kind, 'answered')
    assert.equal((await showOrder(parts, orderSn)).answeredBy, workflowId)
    const listed = (await listOrders(parts)).find((one) => one.orderSn === orderSn)
    assert.match(String(listed?.next), /answered as confirmed by .*: resolve \w+ --as-answered confirms it again, --close/)
    await assert.rejects(retryOrder(parts, orderSn, ADA), /answered that order \w+ is confirmed, .* to settle it would close it/)
    assert.equal((await shop.orders.getOrder(orderSn))?.status, 'CREATING')
  })

  it('is confirmed again as it was answered, once, and sold once', async () => {
    const parts = operatorParts(shop, client)
    assert.match(await resolveAnswered(parts, orderSn, 'asAnswered', ADA), /is confirmed again, as run create-order/)
    const order = await shop.orders.getOrder(orderSn)
    assert.deepEqual([order?.status, order?.stockState, order?.lines.map(({ num }) => num)], ['PAYING', 'sold', [2]])
    assert.deepEqual(await parts.reconciliation.ledger?.sale(orderSn), { state: 'SOLD', lines: LINES })
    const trail = (await readAudit(shop.db, orderSn)).map(({ verb, by, why }) => [verb, by, why])
    assert.deepEqual(trail, [['resolve', 'Ada', 'asAnswered: failover of 09:12']])
    await assert.rejects(resolveAnswered(parts, orderSn, 'asAnswered', ADA), /no run that has ended calls order/)
  })
})
