import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Payload } from '@temporalio/common'
import { TASK_QUEUE } from '../../contracts/create-order.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { outcome } from '../support/workflow-runs.ts'
import { freshUser, orderOf } from './shop.ts'

const DEEP = '['.repeat(100_000) + ']'.repeat(100_000)

describe('a run that is started with any bytes whatever', () => {
  let stack: TestStack

  before(async () => {
    stack = await testStack()
  })

  /** Starts createOrder as a client of any language could, below the SDK that would not let such payloads out. */
  async function endOf(payloads: Payload[] | undefined, memo?: Payload): Promise<Awaited<ReturnType<typeof outcome>>> {
    const { client } = stack
    const workflowId = `bytes-${randomUUID()}`
    await client.connection.workflowService.startWorkflowExecution({
      namespace: client.options.namespace,
      workflowId,
      workflowType: { name: 'createOrder' },
      taskQueue: { name: TASK_QUEUE },
      requestId: randomUUID(),
      ...(payloads && { input: { payloads } }),
      ...(memo && { memo: { fields: { note: memo } } }),
    })
    const handle = client.workflow.getHandle(workflowId)
    const ended = outcome(handle)
    for (;;) {
      const end = await Promise.race([ended, sleep(200)])
      if (end) return end
      const { events } = await handle.fetchHistory()
      if (!events?.some((event) => event.workflowTaskFailedEventAttributes)) continue
      await handle.terminate('it is parked')
      throw new Error('a workflow task failed: the run would be tried again for ever')
    }
  }

  const good = () => JSON.stringify(orderOf(freshUser(), [{ goodsId: 45, num: 1 }]))
  const bad: Record<string, () => Payload[] | undefined> = {
    'no input': () => undefined,
    'an empty list of inputs': () => [],
    'broken JSON': () => [payload('{"userId": 1,')],
    'JSON of no bytes': () => [payload('')],
    'JSON without data': () => [{ metadata: { encoding: Buffer.from('json/plain') } }],
    'JSON that is not UTF-8': () => [payload(Buffer.from([0xff, 0xfe, 0x22]))],
    'raw bytes': () => [payload(good(), 'binary/plain')],
    'an encoding that nobody knows': () => [payload(good(), 'binary/encrypted')],
    'Protobuf JSON': () => [payload(good(), 'json/protobuf')],
    'no encoding': () => [{ metadata: {}, data: Buffer.from(good()) }],
    'no metadata': () => [{ data: Buffer.from(good()) }],
    'the null of another SDK': () => [{ metadata: { encoding: Buffer.from('binary/null') } }],
    null: () => [payload('null')],
    'a list': () => [payload('[]')],
    'a text': () => [payload('"order"')],
    'a number beyond all numbers': () => [payload('1e999')],
    'lists 100,000 deep': () => [payload(DEEP)],
    'lists 100,000 deep in a field': () => [payload(`{"userId":${DEEP}}`)],
    'a text of 1 MB': () => [payload(JSON.stringify({ address: 'x'.repeat(1_000_000) }))],
    '60,000 unknown fields': () => [payload(`{${Array.from({ length: 60_000 }, (_, i) => `"field${i}":1`)}}`)],
    '60,000 lines': () => [payload(`{"lines":[${'{"goodsId":-1},'.repeat(59_999)}{}]}`)],
    'a prototype': () => [payload('{"__proto__":{"userId":1},"constructor":{"prototype":null}}')],
  }
  for (const [what, payloads] of Object.entries(bad)) {
    it(`${what}: fails with InvalidInput`, async () => {
      const end = await endOf(payloads())
      assert.ok('refused' in end && end.refused, JSON.stringify(end))
      const { type, code, message } = end.refused
      assert.deepEqual({ type, code }, { type: 'InvalidInput', code: 10008 })
      assert.ok(message.length < 4_000, 'the failure repeats the input')
    })
  }

  it('a second argument, and a memo that nobody can read, do not keep an order from being created', async () => {
    const ends = [
      await endOf([payload(good()), payload('1')]),
      await endOf([payload(good()), payload('{')]),
      await endOf([payload(good())], payload('{')),
    ]
    for (const end of ends) assert.ok('result' in end, JSON.stringify(end))
  })

  it('a query with an argument that nobody can read harms nothing', async () => {
    const { client } = stack
    const workflowId = `bytes-${randomUUID()}`
    const input = orderOf(freshUser(), [{ goodsId: 45, num: 1 }])
    const handle = await client.workflow.start('createOrder', { taskQueue: TASK_QUEUE, workflowId, args: [input] })
    await handle.result()
    await client.connection.workflowService.queryWorkflow({
      namespace: client.options.namespace,
      execution: { workflowId },
      query: { queryType: 'progress', queryArgs: { payloads: [payload('{')] } },
    })
    assert.equal((await handle.query<{ step: string }>('progress')).step, 'confirmed')
  })
})

function payload(data: string | Buffer, encoding = 'json/plain'): Payload {
  return { metadata: { encoding: Buffer.from(encoding) }, data: Buffer.from(data) }
}
