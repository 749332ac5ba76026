import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { credentials } from '@grpc/grpc-js'
import { programCommand } from '../../dev/processes/program-command.ts'
import { HealthCheckResponse_ServingStatus, HealthClient } from '../../proto/generated/grpc/health/v1/health.ts'
import { testDatabase } from '../support/postgres.ts'
import { answer } from './grpc-call.ts'

const FREE_PORTS = { GOODS_ADDR: '127.0.0.1:0', INVENTORY_ADDR: '127.0.0.1:0', USER_ADDR: '127.0.0.1:0' }

describe('the processes of the reference services', () => {
  const children: ChildProcess[] = []

  afterEach(() => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
  })

  it('say where they listen, serve there, and end with status 0 on SIGTERM', async () => {
    const child = start('main.ts', { ...FREE_PORTS, INVENTORY_DATABASE_URL: await testDatabase() })
    const addresses = await listening(child, 3)
    assert.deepEqual([...addresses.keys()].sort(), ['goods', 'inventory', 'user'])
    for (const address of addresses.values()) await assertServing(address)
    child.kill('SIGTERM')
    const [said, exit] = await Promise.all([text(child.stderr), once(child, 'exit')])
    assert.deepEqual(exit, [0, null])
    assert.match(said, /"level":"info",.*"name":"services".*"msg":"stopping"/)
  })

  for (const name of ['goods', 'inventory', 'user']) {
    it(`run ${name} alone, and end when the parent is gone`, async () => {
      const child = start(`${name}/main.ts`, { ...FREE_PORTS, INVENTORY_DATABASE_URL: await testDatabase() })
      await assertServing((await listening(child, 1)).get(name))
      child.disconnect()
      assert.deepEqual(await once(child, 'exit'), [0, null])
    })
  }

  it('end with status 0 on SIGTERM while they wait for PostgreSQL', async () => {
    const child = start('main.ts', { ...FREE_PORTS, INVENTORY_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
    let said = ''
    for await (const line of createInterface(child.stderr)) {
      said += line
      if (line.includes('waiting for PostgreSQL')) child.kill('SIGTERM')
    }
    assert.deepEqual([child.exitCode ?? (await once(child, 'exit'))[0], said.match(/"msg":"stopping"/g)?.length], [0, 1], said)
  })

  it('end with status 1 and every problem when settings are wrong', async () => {
    const child = start('main.ts', { GOODS_ADDR: 'wrong', INVENTORY_DATABASE_URL: '' })
    const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    assert.equal(code, 1)
    assert.match(said, /GOODS_ADDR.*INVENTORY_DATABASE_URL/s)
  })

  it('end with status 1, and say which setting, when a port is taken', async () => {
    const first = start('goods/main.ts', FREE_PORTS)
    const address = (await listening(first, 1)).get('goods') ?? ''
    const second = start('goods/main.ts', { GOODS_ADDR: address })
    const [said, [code]] = await Promise.all([text(second.stderr), once(second, 'exit')])
    assert.equal(code, 1)
    assert.ok(said.includes(address) && said.includes('GOODS_ADDR'), said)
  })

  function start(entry: string, settings: NodeJS.ProcessEnv) {
    const { command, args, env } = programCommand(`services/${entry}`, { ...process.env, ...settings })
    const child = spawn(command, args, {
      env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    children.push(child)
    return child as typeof child & { stdout: NonNullable<typeof child.stdout>; stderr: NonNullable<typeof child.stderr> }
  }
})

/** The addresses by service, once this many are known. */
async function listening(child: ChildProcess, count: number): Promise<Map<string, string>> {
  const addresses = new Map<string, string>()
  if (!child.stdout) return addresses
  for await (const line of createInterface(child.stdout)) {
    const [, name = '', address = ''] = /^(\w+) listening on (\S+)$/.exec(line) ?? []
    addresses.set(name, address)
    if (addresses.size === count) break
  }
  return addresses
}

async function assertServing(address = ''): Promise<void> {
  const health = new HealthClient(address, credentials.createInsecure())
  const { status } = await answer<{ status: number }>((done) => health.check({ service: '' }, done))
  assert.equal(status, HealthCheckResponse_ServingStatus.SERVING)
  health.close()
}
