import assert from 'node:assert/strict'
import { loadCodecConfig, loadRegisterConfig, loadStarterConfig, loadWorkerConfig } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { Environment } from '../../config/setting.ts'
import { readConfig } from '../../services/config.ts'

const REQUIRED = { REQUIRE_TLS: 'true' }
const HERE = { DATABASE_URL: 'postgres://orders:hush@localhost/orders', AUTH: 'gateway' }
const DB = 'postgres://orders:hush@db.test/orders'
const SECRET = `whsec_${Buffer.alloc(32).toString('base64')}`

/** Links that leave the machine unencrypted, and what each lacks. */
const PLAIN: [Environment, string, string][] = [
  [{ HTTP_ADDR: '0.0.0.0:3000' }, 'HTTP_ADDR', 'HTTP_TLS_CERT_PATH'],
  [{ GRPC_ADDR: '[2001:db8::7]:50053' }, 'GRPC_ADDR', 'GRPC_SERVER_CERT_PATH'],
  [{ OPERATIONS_ADDR: '10.0.0.7:3001' }, 'OPERATIONS_ADDR', 'OPERATIONS_TLS_CERT_PATH'],
  [{ METRICS_ADDR: '10.0.0.7:9464' }, 'METRICS_ADDR', 'METRICS_TLS_CERT_PATH'],
  [{ GOODS_TARGET: '127.0.0.1:1,goods.test:1' }, 'GOODS_TARGET', 'GRPC_TLS=true'],
  [{ INVENTORY_TARGET: 'consul://10.0.0.7:8500/inventory' }, 'INVENTORY_TARGET', 'GRPC_TLS=true and consuls://'],
  [{ USER_TARGET: 'consul://127.0.0.1:8500/user' }, 'USER_TARGET', 'GRPC_TLS=true'],
  [{ CONSUL_REGISTER: 'consul://10.0.0.7:8500/order_srv' }, 'CONSUL_REGISTER', 'consuls://'],
  ...[DB, `${DB}?sslmode=require`, `${DB}?sslmode=verify-full&sslmode=no-verify`, `${HERE.DATABASE_URL}?host=db.test`].map(
    (DATABASE_URL): [Environment, string, string] => [{ DATABASE_URL }, 'DATABASE_URL', 'sslmode=verify-full'],
  ),
  [{ EVENTS_WEBHOOK_URL: 'http://shop.test/', EVENTS_WEBHOOK_SECRET: SECRET }, 'EVENTS_WEBHOOK_URL', 'https://'],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://traces.test:4318' }, 'OTEL_EXPORTER_OTLP_ENDPOINT', 'https://'],
  [{ TEMPORAL_ADDRESS: 'temporal.test:7233' }, 'TEMPORAL_ADDRESS', 'TEMPORAL_TLS=true'],
]

describe('links that are not encrypted', () => {
  it('are refused if TLS is required, each by its setting, all at once', () => {
    for (const [env, name, missing] of PLAIN) assert.deepEqual(problems({ ...HERE, ...REQUIRED, ...env }), [said(name, missing)])
    const byName = new Map(PLAIN.map((one) => [one[1], one]))
    const all = Object.assign({ ...HERE, ...REQUIRED }, ...[...byName.values()].map(([env]) => env))
    assert.deepEqual(problems(all).toSorted(), [...byName.values()].map(([, name, missing]) => said(name, missing)).toSorted())
  })

  it('are taken if TLS is not required, and while they stay on this machine', () => {
    for (const [env] of PLAIN) assert.deepEqual(problems({ ...HERE, ...env }), [])
    assert.deepEqual(problems({ ...HERE, ...REQUIRED }), [])
    assert.deepEqual(problems({ ...REQUIRED, DATABASE_URL: 'postgres:///orders?host=/run/postgresql', GRPC_ADDR: 'off' }), [])
  })

  it('are no fault of a program that has no such link', () => {
    const env = Object.assign({ ...HERE, ...REQUIRED }, ...PLAIN.map(([one]) => one), { TEMPORAL_ADDRESS: 'localhost:7233' })
    delete env.OTEL_EXPORTER_OTLP_ENDPOINT
    assert.equal(loadRegisterConfig(env).requireTls, true)
    assert.throws(
      () => loadWorkerConfig(env),
      ({ message }: Error) => !message.includes('HTTP_ADDR') && message.includes('USER_TARGET'),
    )
  })

  it('are gone with what each problem asks for', () => {
    const encrypted = {
      ...REQUIRED,
      DATABASE_URL: `${DB}?sslmode=verify-full`,
      GRPC_TLS: 'true',
      GOODS_TARGET: 'goods.test:1',
      USER_TARGET: 'consuls://consul.test:8501/user',
      EVENTS_WEBHOOK_URL: 'https://shop.test/',
      EVENTS_WEBHOOK_SECRET: SECRET,
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://traces.test:4318',
      TEMPORAL_ADDRESS: 'temporal.test:7233',
      TEMPORAL_TLS: 'true',
    }
    assert.deepEqual(problems(encrypted), [])
    assert.deepEqual(problems({ ...encrypted, GOODS_TLS: 'false' }), [said('GOODS_TARGET', 'GOODS_TLS=true')])
    assert.deepEqual(problems({ ...encrypted, GOODS_TLS: '', USER_TLS: '' }), [])
    assert.deepEqual(problems({ ...encrypted, GRPC_TLS: '', GOODS_TLS: 'true', USER_TLS: 'true' }), [])
  })

  it('are refused to the codec server', () => {
    assert.throws(
      () => loadCodecConfig({ ...REQUIRED, CODEC_ADDR: '0.0.0.0:1' }),
      /CODEC_ADDR makes a link .*CODEC_TLS_CERT_PATH/,
    )
  })

  it('are refused to the reference services, by the setting of their certificate', () => {
    const env = { ...REQUIRED, GOODS_ADDR: '0.0.0.0:1', INVENTORY_DATABASE_URL: DB }
    assert.throws(
      () => readConfig(env, ['goods', 'inventory']),
      ({ message }: Error) => {
        return (
          /GOODS_ADDR makes a link .*SERVICES_TLS_CERT_PATH/.test(message) && /INVENTORY_DATABASE_URL makes a link/.test(message)
        )
      },
    )
  })
})

/** Problems of a starter with its worker. */
function problems(env: Environment): readonly string[] {
  try {
    loadStarterConfig(env)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    assert.doesNotMatch(error.message, /hush/)
    return error.problems
  }
}

function said(name: string, missing: string): string {
  return `${name} makes a link beyond this machine that is not encrypted, which REQUIRE_TLS=true forbids: it needs ${missing}`
}
