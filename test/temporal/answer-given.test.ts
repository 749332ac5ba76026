import assert from 'node:assert/strict'
import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import type { PayloadCodec } from '../../codec/payload-codec.ts'
import { PayloadLocked } from '../../codec/payload-locked.ts'
import { answerGiven } from '../../temporal/answer-given.ts'
import type { RunClient } from '../../temporal/describe-run.ts'
import { codecOver, keysFile } from '../support/payload-keys.ts'

const orderSn = 'ABCDEFGHIJKLMNOP'
const RESULT = {
  orderSn,
  total: { amount: 1, currency: 'CNY' },
  payDeadline: '2026-01-01T00:00:00.000Z',
  lines: [{ goodsId: 1 }],
}

describe('the answer that a run gave, if its result is encrypted,', () => {
  let result: Payload

  before(async () => {
    const [payload] = await codecOver(await keysFile('k1')).encode([defaultPayloadConverter.toPayload(RESULT) as Payload])
    result = payload as Payload
  })

  /** A client of a server that remembers one run, which has ended with this result. */
  function clientWith(codec: PayloadCodec): RunClient {
    const workflowService = {
      describeWorkflowExecution: async () => ({ workflowExecutionInfo: { status: 2, execution: { runId: 'r' } } }),
      listWorkflowExecutions: async () => ({ executions: [] }),
      getWorkflowExecutionHistoryReverse: async () => ({
        history: { events: [{ workflowExecutionCompletedEventAttributes: { result: { payloads: [result] } } }] },
      }),
    }
    const options = { namespace: 'default', loadedDataConverter: { payloadCodecs: [codec] } }
    return { workflowService, options } as unknown as RunClient
  }

  it('is read with its key', async () => {
    const given = await answerGiven(clientWith(codecOver(await keysFile('k1'))), orderSn, ['a-run'])
    assert.deepEqual(given, { workflowId: 'a-run', order: RESULT })
  })

  it('is not taken for none without it: the order would be undone that was answered as created', async () => {
    await assert.rejects(answerGiven(clientWith(codecOver(await keysFile('k2'))), orderSn, ['a-run']), PayloadLocked)
  })
})
