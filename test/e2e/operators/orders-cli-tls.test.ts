import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { pipeline } from 'node:stream'
import { createServer, type Server } from 'node:tls'
import { type TestStack, testStack } from '../../support/stack.ts'
import { runOrders } from '../run-orders.ts'

const pathOf = (file: string) => join(import.meta.dirname, '../../clients/tls', file)
const pem = (file: string) => readFileSync(pathOf(file))

describe('npm run orders, if the inventory wants TLS and a certificate of its clients', () => {
  let stack: TestStack
  let inventory: Server
  let target: string

  before(async () => {
    stack = await testStack()
    const identity = { ca: pem('ca.pem'), cert: pem('server.pem'), key: pem('server.key') }
    inventory = createServer({ ...identity, requestCert: true, rejectUnauthorized: true, ALPNProtocols: ['h2'] }, (socket) => {
      const behind = connect(stack.ports.inventory, '127.0.0.1')
      pipeline(socket, behind, socket, () => {})
    })
    inventory.on('tlsClientError', () => {})
    await once(inventory.listen(0, '127.0.0.1'), 'listening')
    target = `127.0.0.1:${(inventory.address() as AddressInfo).port}`
  })

  after(() => inventory.close())

  it('reaches it by the same settings as the worker, and not without them', async () => {
    const tls = {
      GRPC_TLS: 'true',
      GRPC_TLS_CA_PATH: pathOf('ca.pem'),
      GRPC_TLS_CERT_PATH: pathOf('client.pem'),
      GRPC_TLS_KEY_PATH: pathOf('client.key'),
      GRPC_TLS_SERVER_NAME: 'goods.test',
    }
    const env = { ...stack.env, INVENTORY_TARGET: target }
    const reached = await runOrders({ ...env, ...tls }, ['reconcile', '--json'])
    assert.deepEqual([reached.err, JSON.parse(reached.out).mode], ['', 'keyed'])
    const unreached = await runOrders(env, ['reconcile', '--json'])
    assert.equal(unreached.status, 1)
    assert.match(unreached.err, /^failed: .*inventory|UNAVAILABLE|not connected/)
  })
})
