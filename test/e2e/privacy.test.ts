import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunningPart } from '../../dev/processes/part.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { programCommand } from '../../dev/processes/program-command.ts'
import { spawnPart } from '../../dev/processes/spawn-part.ts'
import type { UserInfoResponse } from '../../proto/generated/user.ts'
import { DIRECTORY } from '../../services/user/directory.ts'
import { type TestStack, testStack } from '../support/stack.ts'
import { type TraceCollector, traceCollector } from '../support/trace-collector.ts'
import { until } from './faults/until.ts'
import { call, freshUser, orderOf, RECIPIENT } from './shop.ts'

const PROJECT = join(import.meta.dirname, '..', '..')
const TASK_QUEUE = 'talkative'
const USER_ID = freshUser()
const { mobile, email, nickname } = DIRECTORY.get(USER_ID) as UserInfoResponse
/**
 * Texts that name a person: also in pieces, as a parser's message would quote them; and what the user service knows of the
 * user.
 */
const PERSONAL = [
  ...Object.values(RECIPIENT).flatMap((text) => [text, ...text.split(' ').filter((word) => word.length > 5)]),
  ...[mobile, email, nickname],
]

describe('personal data', () => {
  let stack: TestStack
  let traces: TraceCollector
  /** A worker and a starter on a queue of their own, which log all that they can. */
  const talkative: { part: RunningPart; url: string }[] = []

  before(async () => {
    stack = await testStack()
    traces = await traceCollector('http/protobuf')
    for (const name of ['worker', 'starter']) {
      const address = `127.0.0.1:${await freePort()}`
      const url = `http://${address}`
      const part = await spawnPart({
        name: `talkative-${name}`,
        ...programCommand(`${name}.ts`, {
          ...stack.env,
          ...traces.env,
          TASK_QUEUE,
          STARTER_WORKER: 'false',
          LOG_LEVEL: 'trace',
          GRPC_ADDR: '127.0.0.1:0',
          [name === 'worker' ? 'METRICS_ADDR' : 'HTTP_ADDR']: address,
        }),
        cwd: PROJECT,
        ipc: true,
        logFile: join(stack.logsDir, `talkative-${name}.log`),
        isHealthy: async () => (await fetch(`${url}/readyz`)).status === 200,
      })
      talkative.push({ part, url })
    }
  })

  after(async () => {
    for (const { part } of talkative.reverse()) await part.stop()
  })

  it('of an order, whatever becomes of it, is in no log, no trace, no metric, no search attribute and no memo', async () => {
    const url = `${talkative[1]?.url}/orders`
    const userId = USER_ID
    const place = (body: unknown, key: string = randomUUID()) => call(url, { method: 'POST', body, key })
    const key = randomUUID()
    assert.equal((await place(orderOf(userId, [{ goodsId: 71, num: 1 }]), key)).status, 201)
    assert.equal((await place(orderOf(userId, [{ goodsId: 71, num: 2 }]), key)).status, 422)
    for (const [goodsId, status] of [
      [201, 404],
      [191, 422],
      [199, 422],
    ] as const) {
      assert.equal((await place(orderOf(userId, [{ goodsId, num: 1 }]))).status, status)
    }
    assert.equal((await place({ ...orderOf(userId), address: `${RECIPIENT.address}\0` })).status, 400)
    assert.equal((await place({ ...orderOf(userId), [RECIPIENT.name]: 1, colour: RECIPIENT.mobile })).status, 400)
    const broken = JSON.stringify(orderOf(userId)).slice(0, -2)
    const headers = { 'content-type': 'application/json' }
    assert.equal((await fetch(url, { method: 'POST', headers, body: broken })).status, 400)
    // Straight into Temporal: what our own starters would not let through.
    for (const input of [{ ...orderOf(userId), mobile: [RECIPIENT.mobile] }, Object.values(RECIPIENT), RECIPIENT.name]) {
      const start = { taskQueue: TASK_QUEUE, workflowId: `talkative-${randomUUID()}`, args: [input] }
      await assert.rejects(stack.client.workflow.execute('createOrder', start))
    }

    for (const file of await readdir(stack.logsDir)) assertImpersonal(file, await readFile(join(stack.logsDir, file), 'utf8'))
    const talked = await readFile(join(stack.logsDir, 'talkative-worker.log'), 'utf8')
    assert.match(talked, /"level":"debug",.*createOrder/, 'the worker logs its debug lines')
    const steps = ['POST /orders', 'RunWorkflow:createOrder', 'InventoryService/Reback', 'INSERT orders', 'User/GetUserById']
    const sent = await until('all traces have come', () => {
      const text = Buffer.concat(traces.bodies).toString('latin1')
      for (const step of steps) assert.ok(text.includes(step), step)
      return text
    })
    assertImpersonal('the traces', sent)
    const metrics = [stack.httpUrl, `http://127.0.0.1:${stack.ports.workerMetrics}`, ...talkative.map(({ url }) => url)]
    for (const page of metrics) assertImpersonal(page, await (await fetch(`${page}/metrics`)).text())

    let runs = 0
    const { namespace } = stack.client.options
    for (let nextPageToken: Uint8Array | undefined; ; ) {
      const page = await stack.client.workflowService.listWorkflowExecutions({
        namespace,
        query: `TaskQueue = '${TASK_QUEUE}'`,
        ...(nextPageToken && { nextPageToken }),
      })
      for (const { execution, memo, searchAttributes } of page.executions) {
        runs += 1
        const fields = Object.values({ ...memo?.fields, ...searchAttributes?.indexedFields })
        const texts = fields.map(({ data }) => Buffer.from(data ?? []).toString())
        assertImpersonal(`${execution?.workflowId}`, texts.join('\n'))
      }
      nextPageToken = page.nextPageToken
      if (!nextPageToken?.length) break
    }
    assert.ok(runs >= 5, `visibility knows ${runs} runs`)
  })
})

function assertImpersonal(where: string, text: string): void {
  for (const personal of PERSONAL) {
    const at = text.indexOf(personal)
    assert.equal(at, -1, `${where} holds '${personal}': ${text.slice(Math.max(0, at - 300), at + 100)}`)
  }
}
