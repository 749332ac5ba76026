import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Registry } from 'prom-client'
import { askHealth } from '../../composition/container-health.ts'
import { CONTAINER_PROGRAMS, type Health } from '../../composition/container-programs.ts'
import { freePort } from '../../dev/processes/ports.ts'
import { UserService } from '../../proto/generated/user.ts'
import { serve } from '../../rpc/server/serve.ts'
import { serveMetrics } from '../../telemetry/metrics-server.ts'
import { serverCredentials } from '../../tls/server-credentials.ts'
import { TlsFiles } from '../../tls/tls-files.ts'
import { certificate } from '../support/certificate.ts'

const CERTIFICATE = { cert: certificate('first.pem'), key: certificate('first.key') }

describe('the health of a program of the image', () => {
  const ends: (() => unknown)[] = []

  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  describe('that serves HTTP', () => {
    it('is what it answers, and whether it is ready is another question', async () => {
      const METRICS_ADDR = await overHttp({ notReady: 'PostgreSQL is away' })
      await ask('worker', { METRICS_ADDR })
      await assert.rejects(ask('worker', { METRICS_ADDR }, '/readyz'), {
        message: `http://${METRICS_ADDR}/readyz answers 503`,
      })
    })

    it('is asked by this machine of a program that listens at every address', async () => {
      const port = await freePort()
      for (const [everywhere, here] of [
        ['0.0.0.0', '127.0.0.1'],
        ['[::]', '[::1]'],
      ]) {
        const asked = ask('worker', { METRICS_ADDR: `${everywhere}:${port}` })
        await assert.rejects(asked, (error: Error) => error.message.includes(`http://${here}:${port}/`))
      }
    })

    it('is none if nobody answers there, which is named', async () => {
      const METRICS_ADDR = `127.0.0.1:${await freePort()}`
      await assert.rejects(ask('worker', { METRICS_ADDR }), (error: Error) =>
        error.message.includes(`http://${METRICS_ADDR}/healthz: `),
      )
      await assert.rejects(ask('worker', { METRICS_ADDR: await silent() }), /no answer/)
    })

    it("is asked at a starter's operators' address, and at the door's own only without one", async () => {
      const [well, unwell] = [await overHttp(), `127.0.0.1:${await freePort()}`]
      await ask('starter', { OPERATIONS_ADDR: well, HTTP_ADDR: unwell })
      await ask('starter', { HTTP_ADDR: well })
      await assert.rejects(ask('starter', { OPERATIONS_ADDR: unwell, HTTP_ADDR: well }))
    })

    it('is asked by TLS if the program has a certificate, whatever name stands in it', async () => {
      const [encrypted, plain] = [await overHttp({ tls: new TlsFiles(CERTIFICATE) }), await overHttp()]
      const byTls = { METRICS_TLS_CERT_PATH: CERTIFICATE.cert }
      await ask('worker', { METRICS_ADDR: encrypted, ...byTls })
      await assert.rejects(ask('worker', { METRICS_ADDR: plain, ...byTls }), new RegExp(`https://${plain}`))
      await assert.rejects(ask('worker', { METRICS_ADDR: encrypted }))
      await ask('starter', { HTTP_ADDR: encrypted, HTTP_TLS_CERT_PATH: CERTIFICATE.cert })
      await ask('starter', { OPERATIONS_ADDR: plain, HTTP_ADDR: encrypted, HTTP_TLS_CERT_PATH: CERTIFICATE.cert })
      await ask('starter', { OPERATIONS_ADDR: encrypted, HTTP_ADDR: plain, OPERATIONS_TLS_CERT_PATH: CERTIFICATE.cert })
    })

    it('is asked at the address of a starter that takes callers without a certificate, if one does', async () => {
      const asksForIt = await overHttp({ tls: new TlsFiles({ ...CERTIFICATE, ca: certificate('ca.pem') }) })
      const takesAnybody = await overHttp({ notReady: 'PostgreSQL is away' })
      const atOperations = { OPERATIONS_TLS_CERT_PATH: CERTIFICATE.cert, OPERATIONS_TLS_CLIENT_CA_PATH: certificate('ca.pem') }
      const asked = ask('starter', { OPERATIONS_ADDR: asksForIt, HTTP_ADDR: takesAnybody, ...atOperations }, '/readyz')
      await assert.rejects(asked, { message: `http://${takesAnybody}/readyz answers 503` })
    })

    it('is that it takes connections if callers need a certificate, which the one who asks has not', async () => {
      const ca = certificate('ca.pem')
      const METRICS_ADDR = await overHttp({ tls: new TlsFiles({ ...CERTIFICATE, ca }), notReady: 'PostgreSQL is away' })
      const byTls = { METRICS_TLS_CERT_PATH: CERTIFICATE.cert, METRICS_TLS_CLIENT_CA_PATH: ca }
      await ask('worker', { METRICS_ADDR, ...byTls })
      await assert.rejects(ask('worker', { METRICS_ADDR: `127.0.0.1:${await freePort()}`, ...byTls }), /ECONNREFUSED/)
    })
  })

  it("is what gRPC's health service says, of each service in the process", async () => {
    const [users, goods, inventory] = await Promise.all([overGrpc(), overGrpc(), overGrpc()])
    const at = { USER_ADDR: users.address, GOODS_ADDR: goods.address, INVENTORY_ADDR: inventory.address }
    await ask('services', at)
    goods.setServing(false)
    await assert.rejects(ask('services', at), { message: `${goods.address} is not serving` })
    await ask('user', at)
    await goods.stop()
    await assert.rejects(ask('goods', at), (error: Error) => error.message.startsWith(`${goods.address}: `))
  })

  it('is asked of a gRPC server by TLS if it has a certificate, and is that it takes connections if it asks for one', async () => {
    const named = { SERVICES_TLS_CERT_PATH: CERTIFICATE.cert }
    const encrypted = await overGrpc(new TlsFiles(CERTIFICATE))
    await ask('user', { USER_ADDR: encrypted.address, ...named })
    encrypted.setServing(false)
    const asked = ask('user', { USER_ADDR: encrypted.address, ...named })
    await assert.rejects(asked, { message: `${encrypted.address} is not serving` })
    const asksForIt = await overGrpc(new TlsFiles({ ...CERTIFICATE, ca: certificate('ca.pem') }))
    await ask('user', { USER_ADDR: asksForIt.address, ...named, SERVICES_TLS_CLIENT_CA_PATH: certificate('ca.pem') })
  })

  it('is that it takes connections, of the codec server, which says nothing to a caller without a token', async () => {
    await ask('codec', { CODEC_ADDR: await silent() })
    const CODEC_ADDR = `127.0.0.1:${await freePort()}`
    await assert.rejects(ask('codec', { CODEC_ADDR }), (error: Error) => error.message.startsWith(`${CODEC_ADDR}: `))
  })

  function ask(program: string, env: Record<string, string>, path: '/healthz' | '/readyz' = '/healthz'): Promise<void> {
    return askHealth(CONTAINER_PROGRAMS[program]?.health as Health, env, path)
  }

  async function overHttp({ tls, notReady }: { tls?: TlsFiles; notReady?: string } = {}): Promise<string> {
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, new Registry(), { tls, notReady: async () => notReady })
    ends.push(() => server.close())
    return new URL(server.url).host
  }

  async function overGrpc(tls?: TlsFiles) {
    const credentials = tls && { credentials: serverCredentials(tls) }
    const service = { name: 'user', setting: 'USER_ADDR', address: '127.0.0.1:0', ...credentials }
    const running = await serve({ ...service, definition: UserService, implementation: { getUserById() {} } })
    ends.push(() => running.stop())
    return running
  }

  /** The address of a server that takes connections and says nothing. */
  async function silent(): Promise<string> {
    const server = createServer((socket) => ends.push(() => socket.destroy()))
    ends.push(() => server.close())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    return `127.0.0.1:${typeof address === 'object' ? address?.port : address}`
  }
})
