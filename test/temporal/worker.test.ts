import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { freePort } from '../../dev/processes/ports.ts'
import { InventoryServiceService, SaleState } from '../../proto/generated/inventory.ts'
import { connectDatabase } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { registerSearchAttributes } from '../../temporal/registration.ts'
import { type Listening, listening } from '../clients/listening.ts'
import { until } from '../e2e/faults/until.ts'
import { DatabaseProxy } from '../services/database-proxy.ts'
import { PATIENT_STORE, testDatabase } from '../support/postgres.ts'
import { testTemporal } from '../support/temporal.ts'
import { freshNamespace } from './fresh-namespace.ts'
import { spawnWorker } from './spawn-worker.ts'

describe('the worker process', () => {
  const children: ChildProcess[] = []
  const servers: Listening[] = []

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    for (const server of servers.splice(0)) server.stop()
  })

  it('names all wrong settings at once, in plain words', async () => {
    const { said, code } = await ended(start({ DATABASE_URL: '', GOODS_TARGET: 'goods', LOG_LEVEL: 'loud', TASK_QUEU: 'x' }))
    assert.equal(code, 1)
    for (const name of ['DATABASE_URL is missing', 'GOODS_TARGET must be', 'LOG_LEVEL must be', 'TASK_QUEU is not known']) {
      assert.ok(said.includes(name), said)
    }
    assert.doesNotMatch(said, /^ +at /m, 'a stack helps nobody who sets a variable')
  })

  it('refuses to start over an inventory without order numbers, and names INVENTORY_MODE', async () => {
    const { address } = await testTemporal()
    const { said, code } = await ended(start({ TEMPORAL_ADDRESS: address, INVENTORY_TARGET: await inventory({}) }))
    assert.equal(code, 1)
    assert.match(said, /no GetSale.*INVENTORY_MODE/)
  })

  it('refuses to start in a namespace without our search attributes, and names the command; with them it starts', async () => {
    const client = await freshNamespace()
    const { address } = await testTemporal()
    const env = {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: client.options.namespace,
      INVENTORY_TARGET: await inventory(),
    }
    const { said, code } = await ended(start(env))
    assert.equal(code, 1)
    assert.match(said, /lacks the search attributes OrderSn, UserId, RequestId: run `npm run register`/)

    await registerSearchAttributes(client)
    await client.connection.close()
    const worker = start(env)
    await worker.url()
    await worker.says('"polling"')
    worker.child.kill('SIGTERM')
    assert.equal(await worker.exit, 0)
  })

  it('is ready when it polls and the store is migrated, tells its metrics and those of the SDK, and ends on SIGTERM', async () => {
    const { address } = await testTemporal()
    const databaseUrl = await testDatabase()
    const env = {
      TEMPORAL_ADDRESS: address,
      DATABASE_URL: databaseUrl,
      INVENTORY_TARGET: await inventory(),
      GOODS_TARGET: await inventory(),
      USER_TARGET: `127.0.0.1:${await freePort()}`,
      TASK_QUEUE: 'worker-test',
    }
    const worker = start(env)
    const url = await worker.url()
    assert.equal((await fetch(`${url}/healthz`)).status, 200)
    await worker.says('"polling"')
    const unready = await fetch(`${url}/readyz`)
    assert.deepEqual(
      [unready.status, await unready.text()],
      [503, 'PostgreSQL is out of reach, not migrated, or takes no writes (42P01)\n'],
    )

    const db = connectDatabase(databaseUrl, PATIENT_STORE)
    await migrate(db)
    await db.destroy()
    const user = env.USER_TARGET
    await until('it names the service that is absent', async () => {
      assert.equal(await (await fetch(`${url}/readyz`)).text(), `not connected: user (${user})\n`)
    })
    servers.push(await listening(InventoryServiceService, {}, user))
    await until('it is ready', async () => assert.equal((await fetch(`${url}/readyz`)).status, 200))
    const metrics = await (await fetch(`${url}/metrics`)).text()
    assert.match(metrics, /^rpc_calls_total\{service="inventory",method="GetSale",status="success"\} 1$/m)
    assert.match(metrics, /^temporal_\w+\{/m)
    assert.ok(await hasPoller(address, 'worker-test'))

    worker.child.kill('SIGTERM')
    assert.equal(await worker.exit, 0)
    assert.match(worker.said(), /"why":"SIGTERM","msg":"draining".*"msg":"stopped"/s)
    for (const line of worker.said().trim().split('\n')) assert.equal(JSON.parse(line).name, 'worker', line)
    assert.equal(worker.said().match(/"missing":"PostgreSQL.*"msg":"not ready"/g)?.length, 1)
  })

  it('waits for an inventory that is away, says so, and can be stopped meanwhile', async () => {
    const { address } = await testTemporal()
    const worker = start({ TEMPORAL_ADDRESS: address, INVENTORY_TARGET: '127.0.0.1:1' })
    await worker.says('waiting for the inventory')
    const url = await worker.url()
    const unready = await fetch(`${url}/readyz`)
    assert.deepEqual([unready.status, await unready.text()], [503, 'the worker does not poll yet: it waits for the inventory\n'])
    worker.child.kill('SIGTERM')
    assert.equal(await worker.exit, 0)
  })

  it('waits for a Temporal that is away, says so, and polls when it is there', async () => {
    const { address } = await testTemporal()
    const proxy = await DatabaseProxy.before(`tcp://${address}`)
    await proxy.cut()
    const worker = start({
      TEMPORAL_ADDRESS: new URL(proxy.url).host,
      INVENTORY_TARGET: await inventory(),
      TASK_QUEUE: 'late-temporal',
    })
    await worker.says('waiting for Temporal')
    const url = await worker.url()
    const unready = await fetch(`${url}/readyz`)
    assert.deepEqual([unready.status, await unready.text()], [503, 'the worker does not poll yet: it waits for Temporal\n'])
    await proxy.mend()
    await worker.says('"polling"')
    worker.child.kill('SIGTERM')
    assert.equal(await worker.exit, 0)
    await proxy.close()
  })

  function start(env: Record<string, string>) {
    const child = spawnWorker({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/orders', ...env })
    children.push(child)
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        said += chunk
      })
    }
    const exit = once(child, 'close').then(([code]) => code as number)
    async function says(what: string | RegExp): Promise<RegExpExecArray> {
      const wanted = typeof what === 'string' ? new RegExp(what) : what
      for (;;) {
        const found = wanted.exec(said)
        if (found) return found
        if (child.exitCode !== null) assert.fail(`it ended: ${said}`)
        await sleep(50)
      }
    }
    return { child, exit, said: () => said, says, url: async () => (await says(/"url":"(http:[^"]+)\/metrics"/))[1] ?? '' }
  }

  async function ended({ exit, said }: ReturnType<typeof start>) {
    return { code: await exit, said: said() }
  }

  /** An inventory that knows no order yet; without handlers it is one that has no order numbers. */
  async function inventory(
    handlers: Parameters<typeof listening>[1] = {
      getSale: ({ request }: { request: object }, done: (error: null, answer: object) => void) =>
        done(null, { ...request, state: SaleState.SALE_STATE_NONE, goodsInvInfo: [] }),
    },
  ): Promise<string> {
    const server = await listening(InventoryServiceService, handlers)
    servers.push(server)
    return server.address
  }
})

async function hasPoller(address: string, taskQueue: string): Promise<boolean> {
  const connection = await Connection.connect({ address })
  const { namespace } = new Client({ connection }).options
  const { pollers } = await connection.workflowService.describeTaskQueue({
    namespace,
    taskQueue: { name: taskQueue },
    taskQueueType: 1,
  })
  await connection.close()
  return (pollers?.length ?? 0) > 0
}
