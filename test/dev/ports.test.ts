import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { promisify } from 'node:util'
import { choosePorts, freePort } from '../../dev/processes/ports.ts'

describe('the choice of ports', () => {
  const servers: Server[] = []
  const listen = async (port: number, host: string) => {
    const server = createServer().listen(port, host)
    servers.push(server)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  after(() => {
    for (const server of servers) server.close()
  })

  it('takes the preferred port when nobody has it', async () => {
    const port = await freePort()
    assert.equal(await freePort(port), port)
  })

  it('takes the next free one when somebody listens there, on one address or on all', async () => {
    const port = await freePort()
    await listen(port, '127.0.0.1')
    const next = await freePort(port)
    assert.ok(next > port)
    await listen(next, '0.0.0.0')
    assert.ok((await freePort(port)) > next)
  })

  it('never gives one port to two processes, as long as the first one lives', async () => {
    const port = await freePort()
    const script = `import { freePort } from './dev/processes/ports.ts'; console.log(await freePort(${port}))`
    const other = async () => {
      const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
      return Number(stdout)
    }
    const next = await other()
    assert.ok(next > port, `${next} instead of one above ${port}`)
    assert.equal(await freePort(port), port, 'the first one keeps it')
    assert.equal(await freePort(next), next, 'the other has ended')
  })

  it('gives no port twice when any will do', async () => {
    const given = await Promise.all(Array.from({ length: 300 }, () => freePort()))
    assert.equal(new Set(given).size, given.length)
  })

  it('never gives one port to two parts', async () => {
    for (const any of [true, false]) {
      const ports = Object.values(await choosePorts({ any }))
      assert.equal(new Set(ports).size, ports.length)
    }
    const port = await freePort()
    assert.notEqual(await freePort(port, new Set([port])), port)
  })
})
