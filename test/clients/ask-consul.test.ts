import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { registerInConsul } from '../../clients/register-in-consul.ts'
import { parseTarget } from '../../clients/target.ts'
import { watchConsul } from '../../clients/watch-consul.ts'
import { until } from '../e2e/faults/until.ts'
import { certificate } from '../support/certificate.ts'

const TOKEN = 'hush-hush'

describe('a question to a Consul agent', () => {
  const ends: (() => unknown)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0)) await end()
  })

  it('does not follow a redirect, by which the token would come to whoever it names', async () => {
    const strangerHeard: IncomingMessage[] = []
    const stranger = createServer((request, response) => {
      strangerHeard.push(request)
      response.end('[]')
    })
    const port = await listen(stranger)
    const agent = createServer((_, response) => response.writeHead(307, { location: `http://localhost:${port}/` }).end())
    const reasons: string[] = []
    askAsBoth(`consul://127.0.0.1:${await listen(agent)}/user`, reasons)
    await until('both were refused', () => assert.equal(reasons.length, 2))
    assert.deepEqual(reasons, Array(2).fill('the Consul agent answered status 307'))
    assert.equal(strangerHeard.length, 0)
  })

  it('goes over HTTPS to consuls://, to an agent of the authorities that are set alone', async () => {
    const heard: unknown[] = []
    const identity = { cert: readFileSync(certificate('first.pem')), key: readFileSync(certificate('first.key')) }
    const agent = createTlsServer(identity, ({ headers }, response) => {
      heard.push(headers['x-consul-token'])
      response.end('[]')
    })
    const url = `consuls://localhost:${await listen(agent)}/user`
    const reasons: string[] = []
    askAsBoth(url, reasons)
    await until('both gave up', () => assert.equal(reasons.length, 2))
    assert.equal(heard.length, 0)
    for (const reason of reasons) assert.match(reason, /^unable to verify the first certificate: CONSUL_CACERT/)
    askAsBoth(url, reasons, certificate('ca.pem'))
    await until('both are heard', () => assert.deepEqual(heard.slice(0, 2), [TOKEN, TOKEN]))
    assert.ok(!reasons.join().includes(TOKEN))
  })

  /** Watches a service, and registers one. */
  function askAsBoth(text: string, reasons: string[], ca?: string): void {
    const target = parseTarget(text)
    assert.ok(target.kind === 'consul')
    const access = { token: TOKEN, ...(ca && { ca }) }
    const failed = (reason: string) => reasons.push(reason)
    ends.push(watchConsul(target, access)({ found() {}, failed }))
    const { agent, service } = target
    const instance = { agent, service, tags: [], address: { host: '10.0.0.7', port: 1 }, tls: true, access }
    const registration = registerInConsul(instance, { registered() {}, failed })
    ends.unshift(() => registration.end())
  }

  async function listen(server: ReturnType<typeof createServer>): Promise<number> {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    ends.push(() => {
      server.closeAllConnections()
      server.close()
    })
    return (server.address() as AddressInfo).port
  }
})
