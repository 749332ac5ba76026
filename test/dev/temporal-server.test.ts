import assert from 'node:assert/strict'
import { Connection } from '@temporalio/client'
import { testTemporal, timeSkipping } from '../support/temporal.ts'

describe('the Temporal dev server', () => {
  it('has the search attributes from the moment it is ready, and its web UI at the address it tells', async () => {
    const { address, namespace, uiUrl } = await testTemporal()
    const connection = await Connection.connect({ address })
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace })
    await connection.close()
    for (const name of ['OrderSn', 'UserId', 'RequestId']) assert.ok(name in customAttributes, name)
    const page = await fetch(`${uiUrl}/namespaces/${namespace}/workflows`)
    assert.equal(page.status, 200)
  })

  it('is one for the whole run', async () => {
    assert.equal((await testTemporal()).pid, (await testTemporal()).pid)
  })
})

describe('the time-skipping test server', () => {
  it('lets an hour pass at once', async () => {
    const environment = await timeSkipping()
    const before = await environment.currentTimeMs()
    await environment.sleep('1 hour')
    assert.ok((await environment.currentTimeMs()) - before >= 3_600_000)
  })
})
