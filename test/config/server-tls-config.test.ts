import assert from 'node:assert/strict'
import { loadCodecConfig, loadStarterConfig, loadWorkerConfig } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { Environment, Setting } from '../../config/setting.ts'
import { address, addressText, addressTextOrOff } from '../../config/setting-parsers.ts'
import { SETTINGS } from '../../config/settings.ts'
import { TLS_OF_SERVERS } from '../../config/tls-of-servers.ts'
import { readConfig } from '../../services/config.ts'
import type { TlsPaths } from '../../tls/tls-files.ts'
import { certificate } from '../support/certificate.ts'

const ok = { DATABASE_URL: 'postgres://localhost/orders', CODEC_TOKENS_FILE: '', OPERATIONS_ADDR: '127.0.0.1:0' }
const [cert, key, ca] = [certificate('first.pem'), certificate('first.key'), certificate('ca.pem')]
const otherKey = certificate('second.key')

/** The files that each server takes its certificates from, by its settings. */
const LOADED: Record<keyof typeof TLS_OF_SERVERS, (env: Environment) => TlsPaths | undefined> = {
  HTTP_ADDR: (env) => loadStarterConfig(env).httpTls,
  GRPC_ADDR: (env) => loadStarterConfig(env).orderService?.tls,
  OPERATIONS_ADDR: (env) => loadStarterConfig(env).operationsTls,
  METRICS_ADDR: (env) => loadWorkerConfig(env).metricsTls,
  CODEC_ADDR: (env) =>
    loadCodecConfig({ ...env, AUTH_ISSUER: 'https://login.test/', AUTH_AUDIENCE: 'orders', AUTH_JWKS: 'https://login.test/jwks' })
      .codecTls,
  GOODS_ADDR: (env) => readConfig(env, ['goods']).servicesTls,
  INVENTORY_ADDR: (env) => readConfig({ ...env, INVENTORY_DATABASE_URL: env.DATABASE_URL }, ['inventory']).servicesTls,
  USER_ADDR: (env) => readConfig(env, ['user']).servicesTls,
}

describe('TLS of our servers', () => {
  it('can be had at each address at which one listens', () => {
    const parsers: unknown[] = [address, addressText, addressTextOrOff]
    const listening = Object.entries<Setting>(SETTINGS).flatMap(([name, { parse }]) => (parsers.includes(parse) ? [name] : []))
    assert.deepEqual(listening.sort(), Object.keys(TLS_OF_SERVERS).sort())
  })

  for (const [name, tls] of Object.entries(TLS_OF_SERVERS) as [keyof typeof TLS_OF_SERVERS, string][]) {
    const [CERT, KEY, CA] = [`${tls}_CERT_PATH`, `${tls}_KEY_PATH`, `${tls}_CLIENT_CA_PATH`]
    const load = (env: Environment) => LOADED[name]({ ...ok, ...env })

    it(`at ${name} is a certificate and its key, and the authorities of callers where those are asked for one`, () => {
      assert.equal(load({}), undefined)
      assert.deepEqual(load({ [CERT]: cert, [KEY]: key }), { cert, key })
      if (CA in SETTINGS) assert.deepEqual(load({ [CERT]: cert, [KEY]: key, [CA]: ca }), { cert, key, ca })
    })

    it(`at ${name} is refused in part, and with the key of another certificate`, () => {
      refused(load, { [CERT]: cert }, `${KEY} is missing: TLS needs a certificate and its key`)
      refused(load, { [KEY]: key }, `${CERT} is missing: TLS needs a certificate and its key`)
      refused(load, { [CERT]: cert, [KEY]: otherKey }, `${KEY} does not hold the key of the certificate in ${CERT}`)
      if (CA in SETTINGS) refused(load, { [CA]: ca }, `${CA} has no effect without ${CERT}`)
    })
  }

  it("at the operators' address is refused without one: what is for them is served by HTTP_ADDR then", () => {
    const env = { OPERATIONS_ADDR: '', OPERATIONS_TLS_CERT_PATH: cert, OPERATIONS_TLS_KEY_PATH: key }
    refused(
      (found) => LOADED.OPERATIONS_ADDR({ ...ok, ...found }),
      env,
      'OPERATIONS_TLS_CERT_PATH has no effect without OPERATIONS_ADDR',
    )
  })
})

function refused(load: (env: Environment) => unknown, env: Environment, problem: string): void {
  assert.throws(
    () => load(env),
    (error) => error instanceof ConfigError && error.problems.includes(problem),
    problem,
  )
}
