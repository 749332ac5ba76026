import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Worker } from '@temporalio/worker'
import { searchAttributeOfOrder } from '../../contracts/search-attributes.ts'
import { ordersOfEndedRuns } from '../../temporal/ended-runs.ts'
import { until } from '../e2e/faults/until.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { connectParts, workflowBundle } from '../support/workflow-runs.ts'

describe('the orders of runs that have ended', () => {
  it('are those of its own task queue, whatever that is called', async () => {
    const parts = await connectParts()
    const [taskQueue, orderSn] = [`o'brien's ${randomUUID()}`, numberOf()]
    const { client, connection, namespace } = parts
    const worker = await Worker.create({
      ...{ connection, taskQueue, workflowBundle: await workflowBundle(), activities: new FakeShop().activities() },
      ...(namespace && { namespace }),
    })
    await worker.runUntil(async () => {
      const args = [{ userId: 1, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 1 }] }]
      const typedSearchAttributes = [searchAttributeOfOrder(orderSn)]
      const run = await client.workflow.start('createOrder', {
        taskQueue,
        workflowId: randomUUID(),
        args,
        typedSearchAttributes,
      })
      await run.result()
    })
    await until('the list knows of it', async () => {
      const found: string[] = []
      for await (const page of ordersOfEndedRuns(client, taskQueue)) found.push(...page)
      assert.equal(found.length, 1)
    })
    await parts.close()
  })
})

function numberOf(): string {
  return randomUUID()
    .toUpperCase()
    .replace(/[^A-Z2-7]/g, 'A')
    .slice(0, 16)
}
