import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import { Channels } from '../../clients/channels.ts'
import { CONNECTION_DEFAULTS, type TlsSettings } from '../../clients/connection-settings.ts'
import { UserClient } from '../../clients/user-client.ts'
import { loadWorkerConfig } from '../../config/config.ts'
import { UserInfoResponse, UserService } from '../../proto/generated/user.ts'
import { refusalOf } from '../services/grpc-call.ts'
import { certificate } from '../support/certificate.ts'
import { AMPLE_MS } from './ample.ts'

/** Made by openssl for these tests: a CA whose key is gone, and two identities, both for the name goods.test, good for 100 years. */
const pathOf = (file: string) => new URL(`tls/${file}`, import.meta.url).pathname
const pem = (file: string) => readFileSync(pathOf(file))

describe('TLS to the services', () => {
  const servers: Server[] = []
  const clients: UserClient[] = []

  afterEach(() => {
    for (const client of clients.splice(0)) client.close()
    for (const server of servers.splice(0)) server.forceShutdown()
  })

  it('trusts the authorities that are set, and checks the name', async () => {
    const address = await serve(false)
    assert.deepEqual(await call(address, { ca: pathOf('ca.pem'), serverName: 'goods.test' }), { id: 1 })
    for (const tls of [
      { ca: pathOf('ca.pem') },
      { ca: pathOf('ca.pem'), serverName: 'other.test' },
      { serverName: 'goods.test' },
    ]) {
      const { code, details } = await refusalOf(call(address, tls))
      assert.equal(code, status.UNAVAILABLE)
      assert.match(details, /^not connected: .*(certificate|altnames)/)
    }
  })

  it('identifies itself to a service that asks for it (mTLS)', async () => {
    const address = await serve(true)
    const own = { cert: pathOf('client.pem'), key: pathOf('client.key') }
    assert.deepEqual(await call(address, { ca: pathOf('ca.pem'), serverName: 'goods.test', ...own }), { id: 1 })
    const { code } = await refusalOf(call(address, { ca: pathOf('ca.pem'), serverName: 'goods.test' }))
    assert.equal(code, status.UNAVAILABLE)
  })

  it('is not spoken by a service without it', async () => {
    const { code } = await refusalOf(call(await serve(), { ca: pathOf('ca.pem'), serverName: 'goods.test' }))
    assert.equal(code, status.UNAVAILABLE)
  })

  it('is set by the environment, from files', async () => {
    const { connection } = loadWorkerConfig({
      DATABASE_URL: 'postgres://localhost/orders',
      GRPC_TLS: 'true',
      GRPC_TLS_CA_PATH: pathOf('ca.pem'),
      GRPC_TLS_CERT_PATH: pathOf('client.pem'),
      GRPC_TLS_KEY_PATH: pathOf('client.key'),
      GRPC_TLS_SERVER_NAME: 'goods.test',
    })
    assert.ok(connection.tls)
    assert.deepEqual(await call(await serve(true), connection.tls), { id: 1 })
  })

  it('of one service may differ from that of the others: its authorities, its name, its certificate, or none at all', async () => {
    const all = {
      ...{ DATABASE_URL: 'postgres://localhost/orders', GRPC_TLS: 'true', GRPC_TLS_SERVER_NAME: 'other.test' },
      GRPC_TLS_CA_PATH: certificate('other-ca.pem'),
    }
    const callWith = async (env: Record<string, string>, target: string) => {
      const channels = new Channels(loadWorkerConfig({ ...all, ...env }).connection)
      const client = new UserClient({ target, deadlineMs: AMPLE_MS, channels })
      clients.push(client)
      return await client.getUserById(1)
    }
    const own = { USER_TLS_CA_PATH: pathOf('ca.pem'), USER_TLS_SERVER_NAME: 'goods.test' }
    const pair = { USER_TLS_CERT_PATH: pathOf('client.pem'), USER_TLS_KEY_PATH: pathOf('client.key') }
    const [plain, trusted, mutual] = [await serve(), await serve(false), await serve(true)]
    assert.deepEqual(await callWith(own, trusted), { id: 1 })
    assert.deepEqual(await callWith({ ...own, ...pair }, mutual), { id: 1 })
    assert.deepEqual(await callWith({ USER_TLS: 'false' }, plain), { id: 1 })
    const turnedOn = { GRPC_TLS: '', GRPC_TLS_CA_PATH: '', GRPC_TLS_SERVER_NAME: '', USER_TLS: 'true', ...own }
    assert.deepEqual(await callWith(turnedOn, trusted), { id: 1 })
    for (const [env, target] of [
      [{}, trusted],
      [{ GOODS_TLS_CA_PATH: pathOf('ca.pem'), GOODS_TLS_SERVER_NAME: 'goods.test' }, trusted],
      [own, mutual],
      [own, plain],
    ] as const) {
      assert.equal((await refusalOf(callWith(env, target))).code, status.UNAVAILABLE)
    }
  })

  it('of one service is refused if it is half set, or has no effect', () => {
    const problemsOf = (env: Record<string, string>) =>
      assert.throws(() => loadWorkerConfig({ DATABASE_URL: 'postgres://localhost/orders', ...env }), {
        message: /USER_TLS_KEY_PATH is missing[\s\S]*USER_TLS_CERT_PATH has no effect without USER_TLS=true, or GRPC_TLS=true/,
      })
    problemsOf({ USER_TLS_CERT_PATH: pathOf('client.pem') })
    problemsOf({ USER_TLS_CERT_PATH: pathOf('client.pem'), GRPC_TLS: 'true', USER_TLS: 'false' })
  })

  async function call(target: string, tls: TlsSettings): Promise<unknown> {
    const client = new UserClient({ target, deadlineMs: AMPLE_MS, channels: new Channels({ ...CONNECTION_DEFAULTS, tls }) })
    clients.push(client)
    return await client.getUserById(1)
  }

  /** @param asks whether it asks its clients for a certificate @default no TLS at all */
  async function serve(asks?: boolean): Promise<string> {
    const server = new Server()
    servers.push(server)
    server.addService(UserService, {
      getUserById: (_call: unknown, done: (error: null, user: UserInfoResponse) => void) =>
        done(null, { ...UserInfoResponse.decode(Buffer.of()), id: 1 }),
    })
    const pairs = [{ cert_chain: pem('server.pem'), private_key: pem('server.key') }]
    const credentials =
      asks === undefined ? ServerCredentials.createInsecure() : ServerCredentials.createSsl(pem('ca.pem'), pairs, asks)
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', credentials, (error, port) => (error ? reject(error) : resolve(port)))
    })
    return `127.0.0.1:${port}`
  }
})
