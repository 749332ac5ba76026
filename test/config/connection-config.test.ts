import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { loadWorkerConfig } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { Environment } from '../../config/setting.ts'

const ok = { DATABASE_URL: 'postgres://localhost/orders' }
const CERT = fileURLToPath(new URL('../clients/tls/client.pem', import.meta.url))

describe('the settings of the connections', () => {
  it('are the same for all services', () => {
    const { connection } = loadWorkerConfig({
      ...ok,
      GRPC_KEEPALIVE_TIME_MS: '300000',
      GRPC_KEEPALIVE_TIMEOUT_MS: '5000',
      GRPC_KEEPALIVE_WITHOUT_CALLS: 'false',
      GRPC_MAX_MESSAGE_BYTES: '1024',
      GRPC_RESOLVE_EVERY_MS: '1000',
      GRPC_HEALTH_EVERY_MS: '0',
      GRPC_TLS: 'true',
      CONSUL_HTTP_TOKEN: 'hush',
    })
    assert.deepEqual(connection, {
      keepaliveTimeMs: 300_000,
      keepaliveTimeoutMs: 5_000,
      keepaliveWithoutCalls: false,
      maxMessageBytes: 1_024,
      resolveEveryMs: 1_000,
      healthEveryMs: 0,
      tls: {},
      consul: { token: 'hush' },
    })
  })

  it('are told when they are wrong, alone or together', () => {
    const wrong: [Environment, RegExp][] = [
      [{ GRPC_RESOLVE_EVERY_MS: '5' }, /GRPC_RESOLVE_EVERY_MS must be at least 100/],
      [{ GRPC_MAX_MESSAGE_BYTES: '4MB' }, /GRPC_MAX_MESSAGE_BYTES must be a number of bytes/],
      [{ GRPC_TLS: 'true', GRPC_TLS_CA_PATH: '/nowhere.pem' }, /GRPC_TLS_CA_PATH names a file that can't be read \(ENOENT\)/],
      [{ GRPC_TLS: 'true', GRPC_TLS_CA_PATH: fileURLToPath(import.meta.url) }, /GRPC_TLS_CA_PATH names a file that is not PEM/],
      [{ GRPC_TLS: 'true', GRPC_TLS_CERT_PATH: CERT }, /GRPC_TLS_KEY_PATH is missing/],
      [{ GRPC_TLS_CA_PATH: CERT }, /GRPC_TLS_CA_PATH has no effect without GRPC_TLS=true/],
      [{ GRPC_KEEPALIVE_TIME: '5' }, /GRPC_KEEPALIVE_TIME is not known/],
    ]
    for (const [env, problem] of wrong) {
      assert.throws(
        () => loadWorkerConfig({ ...ok, ...env }),
        (error: unknown) => error instanceof ConfigError && problem.test(error.message),
        String(problem),
      )
    }
  })

  it("leave grpc-js's own environment alone", () => {
    loadWorkerConfig({ ...ok, GRPC_VERBOSITY: 'DEBUG', GRPC_TRACE: 'all', CONSUL_HTTP_ADDR: '127.0.0.1:8500' })
  })
})
