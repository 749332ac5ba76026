import assert from 'node:assert/strict'
import { Server, ServerCredentials, type sendUnaryData, status } from '@grpc/grpc-js'
import { type ConnectionLike, WorkflowClient } from '@temporalio/client'
import { NativeConnection } from '@temporalio/worker'
import { failureIn } from '../../contracts/application-failure.ts'
import { orderSnOf } from '../../contracts/order-sn.ts'
import { OrderRuns } from '../../temporal/order-runs.ts'
import { connectTemporal } from '../../temporal/temporal-connection.ts'
import { REQUEST } from '../api/parts.ts'

describe('the connection to Temporal', () => {
  let server: Server | undefined
  const connections: NativeConnection[] = []

  afterEach(async () => {
    server?.forceShutdown()
    for (const connection of connections.splice(0)) await connection.close()
  })

  it('tells at once that Temporal is overloaded: nothing was started', async () => {
    const { runs, asked } = await serverThatAnswers(connectTemporal, status.RESOURCE_EXHAUSTED)
    await assert.rejects(runs.start(REQUEST, orderSnOf(REQUEST)), (error) => failureIn(error)?.type === 'ServiceUnavailable')
    assert.equal(asked(), 1)
  })

  it('does not take that for an answer to the first attempt, which may have started a run', async () => {
    const { runs, asked } = await serverThatAnswers(connectTemporal, status.UNAVAILABLE, status.RESOURCE_EXHAUSTED)
    assert.equal(await runs.start(REQUEST, orderSnOf(REQUEST)), undefined)
    assert.ok(asked() >= 2)
  })

  it("takes no repeat's answer for the first attempt's, which may have started a run, whatever it says", async () => {
    for (const rejection of [status.FAILED_PRECONDITION, status.NOT_FOUND, status.PERMISSION_DENIED, status.INVALID_ARGUMENT]) {
      for (const connect of [connectTemporal, connectNatively]) {
        const { runs, asked } = await serverThatAnswers(connect, status.UNAVAILABLE, rejection)
        assert.equal(await runs.start(REQUEST, orderSnOf(REQUEST)), undefined, status[rejection])
        assert.equal(asked(), 2)
        server?.forceShutdown()
      }
    }
  })

  it('tells a rejection of the only attempt: nothing was started', async () => {
    const { runs, asked } = await serverThatAnswers(connectTemporal, status.FAILED_PRECONDITION)
    await assert.rejects(runs.start(REQUEST, orderSnOf(REQUEST)), (error) => failureIn(error)?.type === 'ServiceRejected')
    assert.equal(asked(), 1)
  })

  it("tells that of the SDK's core too, which doesn't count for us, if it comes too soon for a repeat", async () => {
    const { runs } = await serverThatAnswers(connectNatively, status.FAILED_PRECONDITION)
    let told: unknown
    // A machine that is busy answers later, and then nothing is concluded.
    for (let tries = 0; told === undefined && tries < 100; tries++) {
      told = await runs.start(REQUEST, orderSnOf(REQUEST)).catch((error: unknown) => failureIn(error)?.type)
    }
    assert.equal(told, 'ServiceRejected')
  })

  /** The lane's, if a worker stands beside it. */
  async function connectNatively(options: { address: string }) {
    const connection = await NativeConnection.connect(options)
    connections.push(connection)
    return connection
  }

  /** A server that answers starts by these in turn, the last one again and again. */
  async function serverThatAnswers(
    connect: (options: { address: string }) => ConnectionLike | Promise<ConnectionLike>,
    ...codes: status[]
  ) {
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
    const connection = await connect({ address: `127.0.0.1:${port}` })
    return { runs: new OrderRuns(new WorkflowClient({ connection }), 'orders'), asked: () => asked }
  }
})
