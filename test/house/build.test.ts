import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type CreateOrderResult, WORKFLOW_TYPES } from '../../contracts/create-order.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { testStack } from '../support/stack.ts'

const PROJECT = resolve(import.meta.dirname, '../..')
const BUNDLE = join(PROJECT, 'dist/workflow-bundle.js')

describe('npm run build', () => {
  const children: ChildProcess[] = []

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  it('makes a worker and a starter that run without TypeScript, the workflows bundled beforehand or not, and stop when asked', async () => {
    const { env: given, client } = await testStack()
    const { WORKFLOW_BUNDLE: _, ...env } = given
    await promisify(execFile)('npm', ['run', 'build'], { cwd: PROJECT })
    const taskQueue = `compiled-${randomUUID()}`
    const address = async () => `127.0.0.1:${await freePort()}`
    const [metrics, http] = [await address(), await address()]
    const worker = await start(
      'worker.js',
      { ...env, TASK_QUEUE: taskQueue, METRICS_ADDR: metrics, WORKFLOW_BUNDLE: BUNDLE },
      metrics,
    )
    const starter = await start('starter.js', { ...env, TASK_QUEUE: taskQueue, HTTP_ADDR: http }, http)

    const input = { userId: 1, address: '1 Test Street', name: 'Somebody', mobile: '0100', lines: [{ goodsId: 1, num: 1 }] }
    const workflowId = `compiled/${randomUUID()}`
    const run = await client.workflow.start(WORKFLOW_TYPES.createOrder, { taskQueue, workflowId, args: [input] })
    const order = (await run.result()) as CreateOrderResult
    assert.equal(order.status, 'PAYING')
    const seen = await fetch(`http://${http}/orders/${order.orderSn}`)
    assert.equal(((await seen.json()) as CreateOrderResult).status, 'PAYING')

    for (const child of [starter, worker]) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      assert.deepEqual(await ended, [0, null])
    }
  })

  /** Runs a compiled root until it is ready. */
  async function start(root: string, env: NodeJS.ProcessEnv, at: string): Promise<ChildProcess> {
    const child = spawn(process.execPath, [join(PROJECT, 'dist', root)], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        said += chunk
      })
    }
    while (!(await isReady(at))) {
      assert.equal(child.exitCode, null, `${root} ended before it was ready:\n${said}`)
      await sleep(100)
    }
    return child
  }
})

function isReady(at: string): Promise<boolean> {
  return fetch(`http://${at}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
}
