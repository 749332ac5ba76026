import assert from 'node:assert/strict'
import { Server, ServerCredentials, type sendUnaryData, status } from '@grpc/grpc-js'
import { WorkflowClient } from '@temporalio/client'
import { OrderRuns } from '../../api/order-runs.ts'
import { connectTemporal } from '../../api/temporal-connection.ts'
import { refusalIn } from '../../contracts/failures.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { REQUEST } from './parts.ts'

describe('the connection to Temporal', function () {
  this.timeout(20_000)
  let server: Server | undefined

  afterEach(() => server?.forceShutdown())

  it('tells at once that Temporal is overloaded: nothing was started', async () => {
    const { runs, asked } = await serverThatAnswers(status.RESOURCE_EXHAUSTED)
    await assert.rejects(runs.start(REQUEST, orderSnOf(REQUEST)), (error) => refusalIn(error)?.type === 'ServiceUnavailable')
    assert.equal(asked(), 1)
  })

  it('does not take that for an answer to the first attempt, which may have started a run', async () => {
    const { runs, asked } = await serverThatAnswers(status.UNAVAILABLE, status.RESOURCE_EXHAUSTED)
    assert.equal(await runs.start(REQUEST, orderSnOf(REQUEST)), undefined)
    assert.ok(asked() >= 2)
  })

  /** A server that answers starts by these in turn, the last one again and again. */
  async function serverThatAnswers(...codes: status[]) {
    let asked = 0
    const raw = (value: Buffer) => value
    const method = (path: string) => ({
      path: `/temporal.api.workflowservice.v1.WorkflowService/${path}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: raw,
      requestDeserialize: raw,
      responseSerialize: raw,
      responseDeserialize: raw,
    })
    server = new Server()
    server.addService(
      { getSystemInfo: method('GetSystemInfo'), start: method('StartWorkflowExecution') },
      {
        getSystemInfo: (_: unknown, done: sendUnaryData<Buffer>) => done(null, Buffer.alloc(0)),
        start: (_: unknown, done: sendUnaryData<Buffer>) => {
          const code = codes[Math.min(asked++, codes.length - 1)] ?? status.UNKNOWN
          done({ code, details: 'for a test' })
        },
      },
    )
    const listening = server
    const port = await new Promise<number>((resolve, reject) => {
      listening.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(port),
      )
    })
    const connection = connectTemporal({ address: `127.0.0.1:${port}` })
    return { runs: new OrderRuns(new WorkflowClient({ connection }), 'orders'), asked: () => asked }
  }
})
