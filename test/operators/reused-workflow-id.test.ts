import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Client, Connection } from '@temporalio/client'
import { WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { searchAttributesOf } from '../../contracts/search-attributes.ts'
import { cancelOrder } from '../../operators/cancel-order.ts'
import { listOrders } from '../../operators/list-orders.ts'
import { showOrder } from '../../operators/show-order.ts'
import { Shop } from '../reconciliation/shop.ts'
import { testTemporal } from '../support/temporal.ts'
import { operatorDeps } from './operator-deps.ts'

const ADA = { by: 'Ada', why: 'the buyer asked' }

describe('an order whose run is gone, and whose Workflow Id is used again', () => {
  let shop: Shop
  let client: Client
  let orderSn: string

  before(async () => {
    const { address } = await testTemporal()
    client = new Client({ connection: await Connection.connect({ address }) })
    shop = await Shop.open()
  })
  after(async () => {
    await client.connection.close()
    await shop.close()
  })
  beforeEach(async () => {
    orderSn = await shop.opened([{ goodsId: 3, num: 1 }])
  })

  /** Nobody works at it. @param names number of the order that it says it is at */
  async function reuseIdOf(orderSn: string, names?: string) {
    const { workflowId } = await shop.store.holding(orderSn).then((held) => held ?? assert.fail('the order was opened'))
    return await client.workflow.start(WORKFLOW_TYPES.createOrder, {
      workflowId,
      taskQueue: 'nobody-listens',
      ...(names !== undefined && { typedSearchAttributes: searchAttributesOf(names, { userId: 1 }) }),
    })
  }

  async function isToEnd(run: Awaited<ReturnType<typeof reuseIdOf>>): Promise<boolean> {
    const { events = [] } = await run.fetchHistory()
    return (events ?? []).some((event) => event.workflowExecutionCancelRequestedEventAttributes)
  }

  it('has no run to cancel, and none to show, in that of another order', async () => {
    const another = await reuseIdOf(orderSn, orderSnOf({ userId: 2, requestId: randomUUID() }))
    try {
      const parts = operatorDeps(shop, client)
      await assert.rejects(cancelOrder(parts, orderSn, ADA), /no run of it is open that could be cancelled: retry/)
      assert.equal(await isToEnd(another), false)
      assert.deepEqual((await showOrder(parts, orderSn)).runs, [])
      const listed = (await listOrders(parts)).orders.find((one) => one.orderSn === orderSn)
      assert.equal(listed?.openRun, undefined)
    } finally {
      await another.terminate()
    }
  })

  it('is not cancelled by a run that does not say yet which order it is at', async () => {
    const unknown = await reuseIdOf(orderSn)
    try {
      await assert.rejects(cancelOrder(operatorDeps(shop, client), orderSn, ADA), /does not say yet which order it is at/)
      assert.equal(await isToEnd(unknown), false)
    } finally {
      await unknown.terminate()
    }
  })
})
