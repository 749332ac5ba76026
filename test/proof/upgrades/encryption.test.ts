import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Client, Connection, type WorkflowHandle } from '@temporalio/client'
import { NativeConnection, Worker } from '@temporalio/worker'
import type { PayloadCodec } from '../../../codec/payload-codec.ts'
import type { CreateOrderResult } from '../../../contracts/create-order.ts'
import { keyIdOf } from '../../../contracts/encrypted-payload.ts'
import { until } from '../../e2e/faults/until.ts'
import { FakeShop } from '../../support/fake-shop.ts'
import { codecOver, keysFile } from '../../support/payload-keys.ts'
import { testTemporal } from '../../support/temporal.ts'
import { outcome, workflowBundle } from '../../support/workflow-runs.ts'

const CONVERTER = fileURLToPath(new URL('../../../workflows/payload-converter.ts', import.meta.url))
const CUSTOMER = { userId: 1, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 1 }] }
/** Orders of one stage of the rollout. */
const ORDERS = 4
/** Time between two of them, in milliseconds. */
const EVERY_MS = 60

/** Modes of the processes, in the order in which docs/payload-encryption.md rolls it out, and back. */
const STAGES = [
  { workers: ['decode', 'decode'], starter: 'decode' },
  { workers: ['decode', 'encode'], starter: 'decode' },
  { workers: ['encode', 'encode'], starter: 'decode' },
  { workers: ['encode', 'encode'], starter: 'encode' },
  { workers: ['encode', 'decode'], starter: 'encode' },
  { workers: ['decode', 'decode'], starter: 'decode' },
] as const

describe('orders under way while PAYLOAD_ENCRYPTION is switched on, and off again', () => {
  let address: string
  let connection: Connection
  let codecs: Record<'decode' | 'encode', PayloadCodec>

  before(async () => {
    address = (await testTemporal()).address
    connection = await Connection.connect({ address })
    const keys = await keysFile('k1')
    codecs = { decode: codecOver(keys, { encrypts: false }), encode: codecOver(keys) }
  })

  after(() => connection.close())

  it('are created, each once, whichever process does which of their tasks; none is refused for what it is made of', async () => {
    // Some Sells fail first, so that orders of one stage end in the next.
    const shop = new FakeShop().before('sell', () => {
      if (Math.random() < 0.4) throw new Error('the inventory is away')
    })
    const taskQueue = `encryption-${randomUUID()}`
    const startWorker = async (mode: 'decode' | 'encode') => {
      const native = await NativeConnection.connect({ address }) // one each, as processes have them
      const worker = await Worker.create({
        connection: native,
        taskQueue,
        workflowBundle: await workflowBundle(),
        dataConverter: { payloadConverterPath: CONVERTER, payloadCodecs: [codecs[mode]] },
        activities: shop.activities(),
        // Every workflow task replays its run from the beginning, on whichever worker it lands.
        maxCachedWorkflows: 0,
        debugMode: true,
      })
      const running = worker.run()
      return async () => {
        worker.shutdown()
        await running
        await native.close()
      }
    }
    const clientOf = (mode: 'decode' | 'encode') =>
      new Client({ connection, dataConverter: { payloadCodecs: [codecs[mode]] } }).workflow

    const handles: WorkflowHandle[] = []
    let stops: (() => Promise<void>)[] = []
    for (const { workers, starter } of STAGES) {
      const next = await Promise.all(workers.map(startWorker))
      const stopped = Promise.all(stops.map((stop) => stop()))
      for (let i = 0; i < ORDERS; i++) {
        const workflowId = randomUUID()
        const args = [{ ...CUSTOMER, userId: handles.length + 1, requestId: workflowId }]
        // A task that a worker took as it left is missed for that long; the order's budget of 30 s goes on meanwhile.
        handles.push(await clientOf(starter).start('createOrder', { taskQueue, workflowId, args, workflowTaskTimeout: '2s' }))
        await sleep(EVERY_MS)
      }
      await stopped
      stops = next
    }
    const ended = new Set<string>()
    await until('every order has ended', async () => {
      for (const { workflowId } of handles) {
        if (ended.has(workflowId)) continue
        const result = await outcome<CreateOrderResult>(clientOf('decode').getHandle(workflowId))
        // A machine that is slow beyond an order's budget of 30 s is no fault of its payloads.
        const how = 'result' in result ? result.result.status : result.refused?.type
        assert.ok(how === 'PAYING' || how === 'OrderTimedOut', JSON.stringify(result))
        ended.add(workflowId)
      }
    })
    await Promise.all(stops.map((stop) => stop()))
    assert.deepEqual(shop.violations(), [])

    const histories = await Promise.all(handles.map(async (handle) => await handle.fetchHistory()))
    const isEncrypted = histories.map(({ events }) => {
      const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? []
      return input ? keyIdOf(input) !== undefined : undefined
    })
    const expected = STAGES.flatMap(({ starter }) => Array.from({ length: ORDERS }, () => starter === 'encode'))
    assert.deepEqual(isEncrypted, expected)
    for (const history of histories) assert.doesNotMatch(JSON.stringify(history), /PayloadLocked|has no codec/)
  })
})
