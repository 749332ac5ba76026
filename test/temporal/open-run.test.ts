import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { Client, Connection, ServiceError } from '@temporalio/client'
import { searchAttributesOfBatch } from '../../contracts/search-attributes.ts'
import { isOpen } from '../../temporal/open-run.ts'
import { testTemporal } from '../support/temporal.ts'

const ORDER = 'AORDERAORDERAORD'
const ANOTHER = 'ANOTHERANOTHERAN'

describe('a run', () => {
  let client: Client

  before(async () => {
    const { address } = await testTemporal()
    client = new Client({ connection: await Connection.connect({ address }) })
  })
  after(() => client.connection.close())

  it('is open from its start to its end, whatever ended it, and open again where another has its id', async () => {
    const workflowId = `test-${randomUUID()}`
    const start = () => client.workflow.start('nothing', { workflowId, taskQueue: workflowId })
    await start()
    assert.equal(await isOpen(client, workflowId, ORDER), true)
    await client.workflow.getHandle(workflowId).terminate()
    assert.equal(await isOpen(client, workflowId, ORDER), false)
    await start()
    assert.equal(await isOpen(client, workflowId, ORDER), true)
    await client.workflow.getHandle(workflowId).terminate()
  })

  it('is not open for an order where it names others, as one does that uses an id again', async () => {
    const request = { userId: 1, requestId: 'r' }
    for (const [orderSns, open] of [
      [[ANOTHER, ORDER], true],
      [[ANOTHER], false],
    ] as const) {
      const workflowId = `test-${randomUUID()}`
      const typedSearchAttributes = searchAttributesOfBatch(orderSns.map((orderSn) => ({ orderSn, request })))
      const run = await client.workflow.start('nothing', { workflowId, taskQueue: workflowId, typedSearchAttributes })
      assert.equal(await isOpen(client, workflowId, ORDER), open)
      await run.terminate()
    }
  })

  it('is not open where there never was one', async () => {
    assert.equal(await isOpen(client, `test-${randomUUID()}`, ORDER), false)
  })

  it('is not taken for closed where Temporal does not answer', async () => {
    const connection = Connection.lazy({ address: '127.0.0.1:1' })
    const asked = connection.withDeadline(Date.now() + 300, () => isOpen(new Client({ connection }), 'any', ORDER))
    await assert.rejects(asked, ServiceError)
    await connection.close()
  })
})
