import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Client, type WorkflowHandle } from '@temporalio/client'
import { defaultPayloadConverter, type Payload, RawValue } from '@temporalio/common'
import type { PayloadCodec } from '../../codec/payload-codec.ts'
import { type CreateOrderResult, createOrderWorkflowId } from '../../contracts/create-order.ts'
import type { OrderSn } from '../../contracts/order.ts'
import { decodeHistory } from '../../temporal/decode-history.ts'
import { sagaSteps } from '../../temporal/saga-steps.ts'
import { until } from '../e2e/faults/until.ts'
import { FakeShop } from '../support/fake-shop.ts'
import { codecOver, keysFile, writeKeys } from '../support/payload-keys.ts'
import { testTemporal } from '../support/temporal.ts'
import { connectParts, outcome, withWorker } from '../support/workflow-runs.ts'

const ORDER = { userId: 7, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 1 }] }

describe('a run whose payloads are encrypted', () => {
  let parts: Awaited<ReturnType<typeof connectParts>>
  let shop: FakeShop

  before(async () => {
    parts = await connectParts()
  })
  after(() => parts.close())
  beforeEach(() => {
    shop = new FakeShop()
  })

  /** The same server, seen through a codec; a worker has that of its client. */
  function through(...payloadCodecs: PayloadCodec[]) {
    const { connection } = parts.client
    const { namespace } = parts
    return { ...parts, client: new Client({ connection, ...(namespace && { namespace }), dataConverter: { payloadCodecs } }) }
  }

  const start = (client: Client, taskQueue: string, ...args: unknown[]) =>
    client.workflow.start('createOrder', { workflowId: randomUUID(), taskQueue, args })

  /** Waits until a worker could not read a payload of the run, and proves that the run has neither ended nor begun anything. */
  async function assertWaits(handle: WorkflowHandle): Promise<void> {
    await until('a workflow task has failed', async () => {
      const { events } = await handle.fetchHistory()
      assert.ok(events?.some((event) => event.workflowTaskFailedEventAttributes))
    })
    assert.equal((await handle.describe()).status.name, 'RUNNING')
    assert.deepEqual(shop.calls, [])
  }

  it('is an order like any other, shows nothing in its history, and its steps are read with the key', async () => {
    const codec = codecOver(await keysFile('k1'))
    const sealed = through(codec)
    await withWorker(sealed, shop.activities(), async (run) => {
      const handle = await run('createOrder', ORDER)
      const order = (await handle.result()) as CreateOrderResult
      assert.equal(order.status, 'PAYING')
      const text = JSON.stringify((await handle.fetchHistory()).events, (_, value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
      )
      // None so short that random bytes may hold it.
      for (const word of [ORDER.address, ORDER.name, '/tea.png', 'Does the user exist']) assert.ok(!text.includes(word), word)
      const unread = sagaSteps(await handle.fetchHistory())
      assert.ok(unread.every(({ summary }) => summary === '(encrypted by key k1)'))
      const read = sagaSteps(await decodeHistory(await handle.fetchHistory(), [codec]))
      assert.deepEqual(
        read.map(({ activity, summary }) => [activity, summary.length > 10 && !summary.includes('encrypted')]),
        unread.map(({ activity }) => [activity, true]),
      )
    })
  })

  it('is placed by the example of a client, which reads the order and the refusal that it is answered', async () => {
    const file = await keysFile('k1')
    const { address, namespace } = await testTemporal()
    await withWorker(through(codecOver(file)), shop.activities(), async (_, taskQueue) => {
      const env = {
        ...process.env,
        ...{ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace, TASK_QUEUE: taskQueue },
        ...{ PAYLOAD_KEYS_FILE: file, PAYLOAD_ENCRYPTION: 'encode' },
      }
      const example = async (...args: string[]) => {
        const child = spawn(process.execPath, ['--import', 'tsx', join('examples', 'create-order.ts'), ...args], { env })
        const [out, err, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
        return { out, err, status: status as number }
      }
      const placed = await example('--user', '7', '--goods', '1')
      assert.equal(placed.status, 0, placed.err)
      const { orderSn, status } = JSON.parse(placed.out) as { orderSn: OrderSn; status: string }
      assert.equal(status, 'PAYING')
      const history = await parts.client.workflow.getHandle(createOrderWorkflowId(orderSn)).fetchHistory()
      const { input } = history.events?.[0]?.workflowExecutionStartedEventAttributes ?? {}
      const encodings = input?.payloads?.map(({ metadata }) => Buffer.from(metadata?.encoding ?? []).toString())
      assert.deepEqual(encodings, ['binary/encrypted'])
      const refused = await example('--user', '8', '--goods', '2')
      assert.match(refused.err, /^refused: GoodsNotFound \(100\d\d\): goods 2 did not exist/)
    })
  })

  it('waits for a worker that has the key, and is created then', async () => {
    const workersKeys = await keysFile('k1')
    const customer = through(codecOver(await keysFile('k2')))
    await withWorker(through(codecOver(workersKeys)), shop.activities(), async (_, taskQueue) => {
      const handle = await start(customer.client, taskQueue, ORDER)
      await assertWaits(handle)
      writeKeys(workersKeys, 'k1', 'k2')
      const ended = await outcome<CreateOrderResult>(through(codecOver(workersKeys)).client.workflow.getHandle(handle.workflowId))
      assert.ok('result' in ended && ended.result.status === 'PAYING', JSON.stringify(ended))
    })
  })

  it('waits, and is not refused, where the worker has no codec at all', async () => {
    const customer = through(codecOver(await keysFile('k1')))
    await withWorker(parts, shop.activities(), async (_, taskQueue) => {
      const handle = await start(customer.client, taskQueue, ORDER)
      await assertWaits(handle)
      await handle.terminate()
    })
  })

  it('never becomes an order if what it holds was altered', async () => {
    const sealed = through(codecOver(await keysFile('k1')))
    const [payload] = await codecOver(await keysFile('k1')).encode([defaultPayloadConverter.toPayload(ORDER) as Payload])
    const data = Buffer.from(payload?.data ?? [])
    data[data.length - 1] = (data.at(-1) as number) ^ 1
    await withWorker(sealed, shop.activities(), async (_, taskQueue) => {
      const handle = await start(parts.client, taskQueue, RawValue.fromPayload({ ...payload, data }))
      await assertWaits(handle)
      await handle.terminate()
    })
  })
})
