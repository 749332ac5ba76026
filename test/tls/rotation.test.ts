import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { Client, credentials, type handleUnaryCall, type ServiceDefinition } from '@grpc/grpc-js'
import { pino } from 'pino'
import { createDecodeApp } from '../../codec/decode-app.ts'
import type { TLS_OF_SERVERS } from '../../config/tls-of-servers.ts'
import { ANYBODY } from '../../contracts/caller.ts'
import { type RunningService, serve } from '../../rpc/server/serve.ts'
import { readConfig, type ServiceName } from '../../services/config.ts'
import { startConfiguredGoods } from '../../services/goods/configured-goods.ts'
import { startConfiguredInventory } from '../../services/inventory/configured-inventory.ts'
import { startConfiguredUser } from '../../services/user/configured-user.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { serveMetrics } from '../../telemetry/metrics-server.ts'
import { channelCredentials } from '../../tls/channel-credentials.ts'
import { namesOf } from '../../tls/names-of.ts'
import { serverCredentials } from '../../tls/server-credentials.ts'
import { TlsFiles, type TlsPaths } from '../../tls/tls-files.ts'
import { appOf } from '../api/parts.ts'
import { until } from '../e2e/faults/until.ts'
import { certificate } from '../support/certificate.ts'
import { testDatabase } from '../support/postgres.ts'
import { tempDir } from '../support/temp-dir.ts'

const CA = readFileSync(certificate('ca.pem'))
const BY_NAME = { 'grpc.ssl_target_name_override': 'localhost' }
const SILENT = pino({ level: 'silent' })
const MESSAGE = Buffer.from('a')
const asIs = (bytes: Buffer) => bytes
const UNARY = { requestStream: false, responseStream: false, requestSerialize: asIs, requestDeserialize: asIs } as const
const ECHO: ServiceDefinition = { echo: { path: '/Echo/Echo', ...UNARY, responseSerialize: asIs, responseDeserialize: asIs } }

interface Running {
  port: number
  stop: () => Promise<unknown>
}

/** Each server of ours over TLS, by the setting of its address. The reference services read their files themselves. */
const SERVERS: Record<keyof typeof TLS_OF_SERVERS, (tls: TlsFiles, paths: TlsPaths) => Promise<Running>> = {
  async HTTP_ADDR(tls) {
    const { app, stop } = await appOf({ tls })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    assert.ok(url.startsWith('https://'))
    return { port: Number(new URL(url).port), stop }
  },
  async OPERATIONS_ADDR(tls) {
    const { app, inner, stop } = await appOf({ isInsidePublic: false })
    const url = await inner.listen(app, { host: '127.0.0.1', port: 0, tls })
    assert.ok(url.startsWith('https://'))
    return { port: Number(new URL(url).port), stop }
  },
  async METRICS_ADDR(tls) {
    const server = await serveMetrics({ host: '127.0.0.1', port: 0 }, createMetrics().registry, {
      ...{ notReady: async () => undefined, tls },
    })
    assert.ok(server.url.startsWith('https://'))
    return { port: Number(new URL(server.url).port), stop: () => server.close() }
  },
  async CODEC_ADDR(tls) {
    const app = createDecodeApp({
      codec: { encode: async (payloads) => payloads, decode: async (payloads) => payloads },
      namespace: 'default',
      whoHas: () => undefined,
      onDecoded() {},
      onRefused() {},
      tls,
    })
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    return { port: Number(new URL(url).port), stop: () => app.close() }
  },
  async GRPC_ADDR(tls) {
    return overGrpc(await serveEcho(tls, (call, done) => done(null, call.request)))
  },
  async GOODS_ADDR(_, paths) {
    return overGrpc(await startConfiguredGoods(ofService('goods', paths), SILENT))
  },
  async INVENTORY_ADDR(_, paths) {
    const config = ofService('inventory', paths, { INVENTORY_DATABASE_URL: await testDatabase() })
    return overGrpc(await startConfiguredInventory(config, SILENT, new AbortController().signal))
  },
  async USER_ADDR(_, paths) {
    return overGrpc(await startConfiguredUser(ofService('user', paths), SILENT))
  },
}

function overGrpc({ address, stop }: RunningService): Running {
  return { port: Number(address.split(':')[1]), stop: () => stop() }
}

function ofService<Name extends ServiceName>(name: Name, { cert, key, ca }: TlsPaths, env: NodeJS.ProcessEnv = {}) {
  const paths = { SERVICES_TLS_CERT_PATH: cert, SERVICES_TLS_KEY_PATH: key, SERVICES_TLS_CLIENT_CA_PATH: ca }
  return readConfig({ [`${name.toUpperCase()}_ADDR`]: '127.0.0.1:0', ...paths, ...env }, [name])
}

describe('certificates that are renewed', () => {
  let dir: string
  const ends: (() => unknown)[] = []

  beforeEach(async () => {
    dir = await tempDir()
    renew('first')
  })
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  for (const [name, start] of Object.entries(SERVERS)) {
    it(`are shown at ${name} to new connections, and those of before go on`, async () => {
      const { port, stop } = await start(files(), paths())
      ends.push(stop)
      const before = await connected(port)
      assert.equal(before.getPeerCertificate().subject.CN, 'first')
      renew('second')
      await until('a new connection sees the new certificate', async () => {
        assert.equal(await shown(port), 'second')
      })
      assert.equal(before.readyState, 'open')
      before.destroy()
    })

    it(`are asked of the callers at ${name}, who are refused without one of the authorities`, async () => {
      const { port, stop } = await start(files({ ca: certificate('ca.pem') }), paths({ ca: certificate('ca.pem') }))
      ends.push(stop)
      // With TLS 1.3 the client is through before the server has looked at its certificate: only an answer says that it is served.
      const served = async (by?: 'gateway' | 'stranger') => {
        const socket = await connected(port, by)
        socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0')
        const [bytes] = await Promise.race([once(socket, 'data'), once(socket, 'close')]).catch(() => [])
        socket.destroy()
        return Buffer.isBuffer(bytes)
      }
      assert.deepEqual([await served('gateway'), await served('stranger'), await served()], [true, false, false])
    })
  }

  it('are handed to who finds out the caller over HTTP', async () => {
    const seen: string[][] = []
    const { app, stop } = await appOf({
      tls: files({ ca: certificate('ca.pem') }),
      authenticate({ certificate = {} }) {
        seen.push(namesOf(certificate))
        return ANYBODY
      },
    })
    ends.push(stop)
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const socket = await connected(Number(new URL(url).port), 'gateway')
    socket.write('GET /orders/1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
    await once(socket, 'data')
    socket.destroy()
    assert.deepEqual(seen, [['gateway.test', 'spiffe://shop.test/gateway']])
  })

  it('leave the calls of a gRPC server alone that are under way', async () => {
    let answer = () => {}
    const server = await serveEcho(files(), (call, done) => {
      answer = () => done(null, call.request)
    })
    ends.push(() => server.stop())
    const client = new Client(server.address, credentials.createSsl(CA), BY_NAME)
    ends.push(() => client.close())
    const answered = echoed(client)
    await until('the call is there', () => assert.notEqual(answer.toString(), '() => {}', 'not yet'))
    renew('second')
    await until('new connections see the new certificate', async () => {
      assert.equal(await shown(Number(server.address.split(':')[1])), 'second')
    })
    answer()
    assert.deepEqual(await answered, MESSAGE)
  })

  it('are shown by a client to the connections that it makes from then on', async () => {
    renew('gateway')
    const asking = { cert: certificate('first.pem'), key: certificate('first.key'), ca: certificate('ca.pem') }
    let names: string[] = []
    const start = (address?: string) =>
      serveEcho(
        new TlsFiles(asking),
        (call, done) => {
          names = namesOf(call.getAuthContext().sslPeerCertificate ?? {})
          done(null, call.request)
        },
        address,
      )
    const server = await start()
    const own = files({ ca: certificate('ca.pem') })
    const client = new Client(server.address, channelCredentials(own), BY_NAME)
    ends.push(() => client.close())
    const called = async (expected: string) => {
      await echoed(client)
      assert.equal(names[0], expected)
    }
    await called('gateway.test')
    const before = own.current.cert
    renew('named')
    await until('the files are read again', () => assert.notDeepEqual(own.current.cert, before, 'not yet'))
    await server.stop()
    const again = await start(server.address)
    ends.push(() => again.stop())
    await until('the new certificate is shown', () => called('named.test'))
  })

  function renew(name: 'first' | 'second' | 'gateway' | 'named') {
    for (const part of ['pem', 'key'] as const) copyFileSync(certificate(`${name}.${part}`), join(dir, `tls.${part}`))
  }

  function files(others: { ca?: string } = {}): TlsFiles {
    return new TlsFiles(paths(others), undefined, { lookEveryMs: 10 })
  }

  function paths(others: { ca?: string } = {}): TlsPaths {
    return { cert: join(dir, 'tls.pem'), key: join(dir, 'tls.key'), ...others }
  }
})

async function serveEcho(tls: TlsFiles, echo: handleUnaryCall<Buffer, Buffer>, address = '127.0.0.1:0') {
  const credentials = serverCredentials(tls)
  return await serve({ name: 'Echo', setting: 'ECHO_ADDR', address, definition: ECHO, implementation: { echo }, credentials })
}

function echoed(client: Client): Promise<unknown> {
  return new Promise((resolve, reject) =>
    client.makeUnaryRequest('/Echo/Echo', asIs, asIs, MESSAGE, { deadline: Date.now() + 20_000 }, (error, got) =>
      error ? reject(error) : resolve(got),
    ),
  )
}

/** Common name of the certificate that a new connection sees. */
async function shown(port: number): Promise<unknown> {
  const socket = await connected(port)
  const { subject } = socket.getPeerCertificate()
  socket.destroy()
  return subject.CN
}

async function connected(port: number, by?: 'gateway' | 'stranger'): Promise<TLSSocket> {
  const own = by && { cert: readFileSync(certificate(`${by}.pem`)), key: readFileSync(certificate(`${by}.key`)) }
  const socket = connect({ host: '127.0.0.1', port, ca: CA, servername: 'localhost', ALPNProtocols: ['h2', 'http/1.1'], ...own })
  await once(socket, 'secureConnect')
  return socket
}
