import assert from 'node:assert/strict'
import { join } from 'node:path'
import { isServing } from '../../dev/processes/grpc-health.ts'
import type { RunningPart } from '../../dev/processes/part.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { programCommand } from '../../dev/processes/program-command.ts'
import { spawnPart } from '../../dev/processes/spawn-part.ts'
import { connectDatabase } from '../../store/database.ts'
import { migrate } from '../../store/migrations/migrate.ts'
import { ConsulStandIn } from '../clients/consul-stand-in.ts'
import { until } from '../e2e/faults/until.ts'
import { PATIENT_STORE, testDatabase } from '../support/postgres.ts'
import { tempDir } from '../support/temp-dir.ts'
import { testTemporal } from '../support/temporal.ts'

describe('OrderService in Consul', () => {
  const consul = new ConsulStandIn()
  let starter: RunningPart | undefined
  let consulPort: number
  before(async () => {
    consulPort = await freePort()
  })
  after(async () => {
    await starter?.stop()
    await consul.stop()
  })

  it('is found at an address that is healthy once there is an agent, again after it forgot, and no more before the starter drains', async () => {
    const databaseUrl = await testDatabase()
    const db = connectDatabase(databaseUrl, PATIENT_STORE)
    await migrate(db).finally(() => db.destroy())
    const [http, grpc] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    starter = await spawnPart({
      name: 'a starter',
      ...programCommand('starter.ts', {
        ...process.env,
        DATABASE_URL: databaseUrl,
        TEMPORAL_ADDRESS: (await testTemporal()).address,
        TASK_QUEUE: `nobody-polls-${process.pid}-consul`,
        STARTER_WORKER: 'false',
        HTTP_ADDR: http,
        GRPC_ADDR: grpc,
        CONSUL_REGISTER: `consul://127.0.0.1:${consulPort}/order_srv`,
        CONSUL_HTTP_TOKEN: 'hush',
      }),
      cwd: join(import.meta.dirname, '../..'),
      ipc: true,
      logFile: join(await tempDir(), 'starter.log'),
      // No agent is there yet: it takes orders all the same.
      isHealthy: async () => (await fetch(`http://${http}/readyz`)).ok,
    })
    await consul.start(consulPort)

    const isFound = async () => {
      await until('it is registered', () => assert.equal(consul.registered.size, 1))
      const [{ Name, Address, Port, Check } = assert.fail()] = consul.registered.values()
      assert.deepEqual([Name, `${Address}:${Port}`, Check.GRPC], ['order_srv', grpc, grpc])
      await until('it is healthy', async () => assert.ok(await isServing(grpc)))
    }
    await isFound()
    consul.registered.clear()
    await isFound()
    assert.ok(consul.queries.every(({ token }) => token === 'hush'))

    let wasServing: boolean | undefined
    consul.beforeAnswer = async (path) => {
      if (path.startsWith('deregister/')) wasServing = await isServing(grpc)
    }
    await starter.stop()
    assert.equal(wasServing, true)
    assert.equal(consul.registered.size, 0)
  })
})
