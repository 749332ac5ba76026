import assert from 'node:assert/strict'
import { join } from 'node:path'
import { loadStarterConfig } from '../../config/config.ts'
import type { Environment } from '../../config/setting.ts'

const FILE = join(import.meta.dirname, 'auth-config.test.ts')
const JWT = { AUTH: 'jwt', AUTH_ISSUER: 'https://id.example/', AUTH_AUDIENCE: 'orders', AUTH_JWKS: 'https://id.example/keys' }
const PEM = join(import.meta.dirname, '../support/tls')
const TLS = {
  HTTP_TLS_CERT_PATH: `${PEM}/first.pem`,
  HTTP_TLS_KEY_PATH: `${PEM}/first.key`,
  HTTP_TLS_CLIENT_CA_PATH: `${PEM}/ca.pem`,
}
const PUBLIC = { HTTP_ADDR: '0.0.0.0:3000', GRPC_ADDR: '0.0.0.0:50053' }

describe('the settings of who may call', () => {
  const load = (env: Environment) => loadStarterConfig({ DATABASE_URL: 'postgres://u:p@127.0.0.1/o', ...env })

  it('let nobody but this machine in by default, and refuse an address that others reach, with the three ways out', () => {
    assert.deepEqual(load({}).door, { auth: { kind: 'off' }, hosts: { names: [], forAll: true }, isInsidePublic: true })
    for (const local of ['127.0.0.1', '127.1.2.3', '[::1]', 'localhost'])
      load({ HTTP_ADDR: `${local}:3000`, GRPC_ADDR: `${local}:1` })
    for (const host of ['0.0.0.0', '10.0.0.7', '[::]', 'orders.example.com', '127.0.0.1.example.com', '[::ffff:10.0.0.1]']) {
      for (const name of ['HTTP_ADDR', 'GRPC_ADDR']) {
        const problem = new RegExp(`AUTH is off, and other machines reach ${name} .*AUTH=jwt.*AUTH=mtls.*AUTH=gateway`)
        assert.throws(() => load({ [name]: `${host}:3000` }), problem, `${name} ${host}`)
      }
    }
    load({ GRPC_ADDR: 'off' })
  })

  it('open any address once somebody is asked who callers are, or one says by name that somebody in front does', () => {
    const { auth } = load({ ...PUBLIC, ...JWT }).door
    const jwks = new URL('https://id.example/keys')
    assert.deepEqual(auth, { kind: 'jwt', issuer: 'https://id.example/', audience: 'orders', jwks, userIdClaim: 'sub' })
    assert.deepEqual(load({ ...PUBLIC, AUTH: 'gateway' }).door.auth, { kind: 'gateway' })
    const mtls = load({ ...TLS, AUTH: 'mtls', AUTH_MTLS_NAMES: 'gateway, batch', GRPC_ADDR: 'off', HTTP_ADDR: '0.0.0.0:1' })
    assert.deepEqual(mtls.door.auth, { kind: 'mtls', names: ['gateway', 'batch'] })
  })

  it('are refused if they are incomplete, or trust keys that anybody between could replace', () => {
    const wrong: [Environment, RegExp][] = [
      [{ AUTH: 'yes' }, /AUTH must be off, jwt, mtls or gateway/],
      [{ ...JWT, AUTH_ISSUER: undefined }, /AUTH_ISSUER is missing/],
      [{ ...JWT, AUTH_AUDIENCE: '' }, /AUTH_AUDIENCE is missing/],
      [{ ...JWT, AUTH_JWKS: undefined }, /AUTH_JWKS is missing/],
      [{ ...JWT, AUTH_JWKS: 'http://id.example/keys' }, /AUTH_JWKS must be an https URL/],
      [{ ...JWT, AUTH_JWKS: '/nowhere/keys.json' }, /AUTH_JWKS names a file that can't be read/],
      [{ AUTH: 'mtls' }, /AUTH_MTLS_NAMES is missing/],
      [{ ...TLS, AUTH: 'mtls', AUTH_MTLS_NAMES: 'gateway' }, /GRPC_SERVER_CLIENT_CA_PATH is missing/],
      [{ AUTH: 'mtls', AUTH_MTLS_NAMES: 'gateway', GRPC_ADDR: 'off' }, /HTTP_TLS_CLIENT_CA_PATH is missing/],
      [{ HTTP_HOSTS: 'a.example:80' }, /HTTP_HOSTS must be host names without ports/],
    ]
    for (const [env, problem] of wrong) assert.throws(() => load(env), problem)
    load({ ...JWT, AUTH_JWKS: FILE })
    load({ ...JWT, AUTH_JWKS: 'http://127.0.0.1:8080/keys' })
  })

  it('keep what is for operators off an address that others reach', () => {
    assert.equal(load({ ...PUBLIC, ...JWT }).door.isInsidePublic, false)
    assert.equal(load(JWT).door.isInsidePublic, true)
    const own = load({ ...PUBLIC, ...JWT, OPERATIONS_ADDR: '127.0.0.1:9465' }).door
    assert.deepEqual([own.isInsidePublic, own.operationsAddr], [false, { host: '127.0.0.1', port: 9465 }])
    assert.deepEqual(load({ HTTP_HOSTS: 'Orders.example.com' }).door.hosts, { names: ['orders.example.com'], forAll: true })
    assert.equal(load({ ...PUBLIC, ...JWT }).door.hosts.forAll, false)
  })
})
