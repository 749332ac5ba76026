import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CONNECTION_DEFAULTS } from '../../clients/connection-settings.ts'
import { loadMigrateConfig, loadRegisterConfig, loadStarterConfig, loadWorkerConfig } from '../../config/config.ts'
import { ConfigError } from '../../config/config-error.ts'
import type { Environment } from '../../config/setting.ts'
import { SETTINGS } from '../../config/settings.ts'
import { keysFile } from '../support/payload-keys.ts'

const DATABASE_URL = 'postgres://orders:hush@localhost:5432/orders'
const ok = { DATABASE_URL }

describe('configuration', () => {
  it('has a default for everything but the database', () => {
    assert.deepEqual(loadWorkerConfig(ok), {
      temporal: { connection: { address: '127.0.0.1:7233' }, namespace: 'default' },
      taskQueue: 'orders',
      databaseUrl: DATABASE_URL,
      goodsTarget: '127.0.0.1:8081',
      inventoryTarget: '127.0.0.1:8082',
      userTarget: '127.0.0.1:8084',
      connection: CONNECTION_DEFAULTS,
      inventoryMode: 'keyed',
      breakerFailures: 5,
      breakerOpenMs: 1_000,
      payGraceMs: 120_000,
      payWithinMs: 1_800_000,
      recipientsKeepMs: 7_776_000_000,
      archiveShare: 10,
      payloadEncryption: 'decode',
      resolveProposed: 'off',
      requireTls: false,
      serviceMaxInFlight: 200,
      currency: 'CNY',
      eventsKeepMs: 604_800_000,
      freeGoods: false,
      showStockLeft: false,
      metricsAddr: { host: '127.0.0.1', port: 9464 },
      sweepAfterMs: 60_000,
      userMaxUnpaidOrders: 0,
      userMaxUnpaidPieces: 0,
      userMaxUnpaidValue: 0,
      logLevel: 'info',
      logFormat: 'iso',
    })
    assert.deepEqual(loadStarterConfig(ok), {
      temporal: { connection: { address: '127.0.0.1:7233' }, namespace: 'default' },
      taskQueue: 'orders',
      databaseUrl: DATABASE_URL,
      goodsTarget: '127.0.0.1:8081',
      connection: CONNECTION_DEFAULTS,
      breakerFailures: 5,
      breakerOpenMs: 1_000,
      serviceMaxInFlight: 200,
      currency: 'CNY',
      inventoryTarget: '127.0.0.1:8082',
      payWithinMs: 1_800_000,
      sweepAfterMs: 60_000,
      door: { auth: { kind: 'off' }, hosts: { names: [], forAll: true }, isInsidePublic: true },
      freeGoods: false,
      payGraceMs: 120_000,
      payloadEncryption: 'decode',
      recipients: 'clear',
      httpAddr: { host: '127.0.0.1', port: 3000 },
      httpWaitMs: 10_000,
      inventoryMode: 'keyed',
      intake: 'lane',
      intakeMaxInFlight: 1,
      intakeMaxQueue: 2_000,
      limits: { callerPerSecond: 0, servicePerSecond: 0, connectionsPerAddress: 0, grpcConnectionsPerAddress: 0 },
      userMaxUnpaidOrders: 0,
      userMaxUnpaidPieces: 0,
      userMaxUnpaidValue: 0,
      intakeMaxUnsettled: 500,
      httpMaxConnections: 2_500,
      requireTls: false,
      httpRequestTimeoutMs: 10_000,
      worker: loadWorkerConfig(ok),
      orderService: { address: '127.0.0.1:50053', maxCalls: 2_500 },
      logLevel: 'info',
      logFormat: 'iso',
    })
    assert.deepEqual(loadMigrateConfig(ok), { databaseUrl: DATABASE_URL, requireTls: false })
    assert.equal(loadRegisterConfig({}).sweepEveryMs, 30_000)
  })

  it('reads the proxies that are trusted, and the requests of a caller', () => {
    const config = loadStarterConfig({ ...ok, TRUSTED_PROXIES: '10.0.0.0/8, fd00::1', CALLER_REQUESTS_PER_S: '50' })
    assert.equal(config.limits.callerPerSecond, 50)
    assert.ok(config.trustedProxies?.trusts('10.1.2.3') && config.trustedProxies.trusts('fd00::1'))
    const wrong = { ...ok, TRUSTED_PROXIES: '10.0.0.0/8,gateway', SERVICE_REQUESTS_PER_S: '-1' }
    assert.throws(() => loadStarterConfig(wrong), /TRUSTED_PROXIES has gateway, which is neither/)
    assert.throws(() => loadStarterConfig(wrong), /SERVICE_REQUESTS_PER_S must be requests a second/)
  })

  it('bounds what one caller sends by default as soon as callers are known, and not what gateways and services connect', () => {
    const jwt = { AUTH: 'jwt', AUTH_ISSUER: 'https://issuer', AUTH_AUDIENCE: 'orders', AUTH_JWKS: 'https://issuer/jwks' }
    const limitsOf = (env: Environment) => Object.values(loadStarterConfig({ ...ok, ...env }).limits)
    assert.deepEqual(limitsOf({}), [0, 0, 0, 0])
    assert.deepEqual(limitsOf(jwt), [50, 1_000, 500, 500])
    assert.deepEqual(limitsOf({ AUTH: 'gateway' }), [50, 1_000, 0, 0])
    const requests = { CALLER_REQUESTS_PER_S: '0', SERVICE_REQUESTS_PER_S: '0' }
    const connections = { HTTP_MAX_CONNECTIONS_PER_ADDRESS: '0', GRPC_MAX_CONNECTIONS_PER_ADDRESS: '0' }
    assert.deepEqual(limitsOf({ ...jwt, ...requests, ...connections }), [0, 0, 0, 0])
    assert.deepEqual(limitsOf({ HTTP_MAX_CONNECTIONS_PER_ADDRESS: '7', GRPC_MAX_CONNECTIONS_PER_ADDRESS: '8' }), [0, 0, 7, 8])
  })

  it('runs a worker in the starter beside the lane only', () => {
    const arrangement = (env: Environment) => {
      const { intake, worker } = loadStarterConfig({ ...ok, ...env })
      return [intake, worker !== undefined]
    }
    assert.deepEqual(arrangement({}), ['lane', true])
    assert.deepEqual(arrangement({ STARTER_WORKER: 'false' }), ['lane', false])
    assert.deepEqual(arrangement({ INTAKE: 'single' }), ['single', false])
  })

  it('takes every setting from the environment', () => {
    const config = loadStarterConfig({
      ...ok,
      TASK_QUEUE: 'q',
      HTTP_ADDR: '[::1]:0',
      HTTP_WAIT_MS: '0',
      TEMPORAL_UI_URL: 'http://ui:8233/',
      LOG_LEVEL: 'silent',
      CURRENCY: 'EUR',
      FREE_GOODS: 'true',
      SHOW_STOCK_LEFT: 'true',
      TEMPORAL_ADDRESS: 'temporal:7233',
      TEMPORAL_NAMESPACE: 'shop',
    })
    assert.deepEqual(config.httpAddr, { host: '::1', port: 0 })
    assert.equal(config.httpWaitMs, 0)
    assert.equal(config.temporalUiUrl, 'http://ui:8233')
    assert.deepEqual(
      [config.taskQueue, config.logLevel, config.temporal.connection.address, config.temporal.namespace],
      ['q', 'silent', 'temporal:7233', 'shop'],
    )
    assert.deepEqual([config.worker?.currency, config.worker?.freeGoods, config.worker?.showStockLeft], ['EUR', true, true])
    const { goodsTarget, userTarget } = loadWorkerConfig({
      ...ok,
      GOODS_TARGET: 'dns:///goods:1',
      USER_TARGET: 'ipv4:1.2.3.4:5,6.7.8.9:5',
    })
    assert.deepEqual([goodsTarget, userTarget], ['dns:///goods:1', 'ipv4:1.2.3.4:5,6.7.8.9:5'])
  })

  it('takes a currency of ISO 4217 that has a minor unit, and no other code', () => {
    const codes = ['CNY', 'JPY', 'KWD', 'CLF', 'XOF', 'CHE']
    assert.deepEqual(
      codes.map((CURRENCY) => loadWorkerConfig({ ...ok, CURRENCY }).currency),
      codes,
    )
    for (const code of ['ZZZ', 'XXX', 'XTS', 'XAU', 'XAG', 'XPT', 'XPD', 'XDR', 'XSU', 'XUA', 'XBA', 'XBB', 'XBC', 'XBD']) {
      const said = `  CURRENCY must be a currency of ISO 4217 that has a minor unit, such as CNY, EUR or JPY, not '${code}'`
      assert.ok(problemsOf({ ...ok, CURRENCY: code }).includes(said), code)
    }
    for (const code of ['cny', 'Cny', '156', 'CN', 'RMB1']) {
      assert.match(problemsOf({ ...ok, CURRENCY: code }), /CURRENCY must be three capital letters/, code)
    }
    assert.match(problemsOf({ ...ok, FREE_GOODS: 'yes' }), /FREE_GOODS must be true or false, not 'yes'/)
  })

  it('takes a bundle of the workflows that is there, by its absolute path', () => {
    assert.equal(loadWorkerConfig(ok).workflowBundle, undefined)
    assert.equal(loadWorkerConfig({ ...ok, WORKFLOW_BUNDLE: 'package.json' }).workflowBundle, resolve('package.json'))
    assert.throws(
      () => loadWorkerConfig({ ...ok, WORKFLOW_BUNDLE: 'nowhere.js' }),
      /WORKFLOW_BUNDLE names a file that can't be read \(ENOENT\): 'nowhere.js'/,
    )
  })

  it('encrypts payloads only with a file of keys, which only its owner may read', async () => {
    assert.match(
      problemsOf({ ...ok, PAYLOAD_ENCRYPTION: 'encode' }),
      /PAYLOAD_KEYS_FILE is missing: PAYLOAD_ENCRYPTION=encode needs/,
    )
    assert.match(problemsOf({ ...ok, PAYLOAD_ENCRYPTION: 'on' }), /PAYLOAD_ENCRYPTION must be decode or encode, not 'on'/)
    const PAYLOAD_KEYS_FILE = await keysFile('k1')
    const { payloadKeysFile, payloadEncryption } = loadWorkerConfig({ ...ok, PAYLOAD_KEYS_FILE, PAYLOAD_ENCRYPTION: 'encode' })
    assert.deepEqual([payloadKeysFile, payloadEncryption], [PAYLOAD_KEYS_FILE, 'encode'])
    assert.match(problemsOf({ ...ok, PAYLOAD_KEYS_FILE: 'package.json' }), /PAYLOAD_KEYS_FILE names a file/)
  })

  it('seals recipients only with a file of keys', async () => {
    assert.match(problemsOf({ ...ok, RECIPIENTS: 'sealed' }), /RECIPIENT_KEYS_FILE is missing: RECIPIENTS=sealed needs a key/)
    assert.throws(() => loadStarterConfig({ ...ok, RECIPIENTS: 'on' }), /RECIPIENTS must be clear or sealed, not 'on'/)
    assert.equal(loadStarterConfig(ok).recipients, 'clear')
    const RECIPIENT_KEYS_FILE = await keysFile('k1')
    const { recipientKeysFile, recipients } = loadStarterConfig({ ...ok, RECIPIENT_KEYS_FILE, RECIPIENTS: 'sealed' })
    assert.deepEqual([recipientKeysFile, recipients], [RECIPIENT_KEYS_FILE, 'sealed'])
  })

  it('takes the lane whether the inventory has keys or none', () => {
    for (const INVENTORY_MODE of ['keyed', 'unkeyed']) {
      const { intake, inventoryMode, worker } = loadStarterConfig({ ...ok, INVENTORY_MODE })
      assert.deepEqual([intake, inventoryMode, worker?.inventoryMode], ['lane', INVENTORY_MODE, INVENTORY_MODE])
      assert.equal(loadStarterConfig({ ...ok, INVENTORY_MODE, INTAKE: 'single' }).intake, 'single')
      assert.throws(() => loadStarterConfig({ ...ok, INVENTORY_MODE, INTAKE: 'lanes' }), /INTAKE must be/)
    }
  })

  it('treats an empty variable as one that is not set', () => {
    assert.equal(loadWorkerConfig({ ...ok, TASK_QUEUE: '', TEMPORAL_ADDRESS: '' }).taskQueue, 'orders')
    assert.equal(loadWorkerConfig({ ...ok, TEMPORAL_ADDRESS: '' }).temporal.connection.address, '127.0.0.1:7233')
    assert.match(problemsOf({ DATABASE_URL: ' ' }), /DATABASE_URL is missing/)
  })

  it('reports every problem at once, a line each', () => {
    const message = problemsOf({
      TASK_QUEUE: 'two words',
      GOODS_TARGET: 'goods',
      INVENTORY_MODE: 'keyless',
      CURRENCY: 'yuan',
      METRICS_ADDR: '9464',
      LOG_LEVEL: 'loud',
      SWEEP_AFTER_MS: '1s',
      TEMPORAL_TLS: 'True',
      TEMPORAL_TLS_CLIENT_CERT_DATA: 'x',
    })
    for (const line of [
      /^ {2}DATABASE_URL is missing: /m,
      /^ {2}TASK_QUEUE must be one word, not 'two words'$/m,
      /^ {2}GOODS_TARGET must be host:port, .*not 'goods'$/m,
      /^ {2}INVENTORY_MODE must be keyed or unkeyed, not 'keyless'$/m,
      /^ {2}CURRENCY must be three capital letters/m,
      /^ {2}METRICS_ADDR must be host:port/m,
      /^ {2}LOG_LEVEL must be one of fatal/m,
      /^ {2}SWEEP_AFTER_MS must be milliseconds/m,
      /^ {2}TEMPORAL_TLS must be true or false, not 'True'$/m,
      /^ {2}TEMPORAL_TLS_CLIENT_KEY_PATH is missing/m,
    ])
      assert.match(message, line)
  })

  it('refuses a time that contradicts the others, and says which', () => {
    const refused: [name: string, text: string, problem: string][] = [
      ['SWEEP_AFTER_MS', '0', "must be above 30000 (milliseconds), the budget within which an order is its own run's, not '0'"],
      [
        'SWEEP_AFTER_MS',
        '30000',
        "must be above 30000 (milliseconds), the budget within which an order is its own run's, not '30000'",
      ],
      [
        'BREAKER_OPEN_MS',
        '15000',
        "must be below 15000 (milliseconds), not '15000': orders wait up to twice as long, and are given up after 30000",
      ],
      ['GRPC_HEALTH_EVERY_MS', '2999', "must be 0 or at least 3000 (milliseconds), not '2999'"],
    ]
    for (const [name, text, problem] of refused) {
      assert.equal(problemsOf({ ...ok, [name]: text }), `the configuration is not valid:\n  ${name} ${problem}`)
    }
    const allowed = { SWEEP_AFTER_MS: '30001', BREAKER_OPEN_MS: '14999', GRPC_HEALTH_EVERY_MS: '3000' }
    assert.equal(loadWorkerConfig({ ...ok, ...allowed }).sweepAfterMs, 30_001)
  })

  it('prints no secret', () => {
    const message = problemsOf({
      DATABASE_URL: 'postgres://orders:hush@local host:x/orders',
      TEMPORAL_API_KEY: 'hush',
      TEMPORAL_TLS_CLIENT_KEY_DATA: 'hush',
      CONSUL_HTTP_TOKEN: 'hush hush',
      LOG_LEVEL: 'loud',
    })
    assert.match(message, /CONSUL_HTTP_TOKEN must be one word/)
    assert.doesNotMatch(message, /hush/)
    assert.throws(
      () => loadStarterConfig({ ...ok, TEMPORAL_UI_URL: 'ws://me:hush@ui' }),
      ({ message }: Error) => message.includes('TEMPORAL_UI_URL must be') && !message.includes('hush'),
    )
  })

  it('names unknown settings of ours, and what was probably meant', () => {
    const unknown: [string, RegExp][] = [
      ['GOODS_TARGE', /GOODS_TARGE is not known: did you mean GOODS_TARGET\?/],
      ['TASKQUEUE', /TASKQUEUE is not known: did you mean TASK_QUEUE\?/],
      ['task_queue', /task_queue is not known: did you mean TASK_QUEUE\?/],
      ['TEMPORAL_NAMESPCE', /did you mean TEMPORAL_NAMESPACE\?/],
      ['TEMPORAL_FOO', /TEMPORAL_FOO is not known/],
      ['HTTP_PORT', /HTTP_PORT is not known/],
      ['ORDER_LIMIT', /ORDER_LIMIT is not known: see docs\/settings\.md, or unset it/],
      ['GRPC_HEALTH_CHECKS', /GRPC_HEALTH_CHECKS is not known/],
      ['INVENTORY_FAULTS', /INVENTORY_FAULTS is not known/],
    ]
    const message = problemsOf({ ...ok, ...Object.fromEntries(unknown.map(([name]) => [name, '1'])) })
    for (const [, line] of unknown) assert.match(message, line)
    assert.match(problemsOf({ DATABASE_URI: 'x' }), /DATABASE_URI is not known: did you mean DATABASE_URL\?/)
  })

  it("leaves other programs' variables alone", () => {
    loadWorkerConfig({
      ...ok,
      PATH: '/bin',
      USER: 'me',
      HTTP_PROXY: 'http://proxy',
      http_proxy: 'http://proxy',
      TEMPORAL_CLI_PATH: '/bin/temporal',
      TEMPORAL_GRPC_META_X_TEAM: 'orders',
      INVENTORY_DATABASE_URL: DATABASE_URL,
      DATABASE_URI: "another program's, since DATABASE_URL is set",
      GOODS_SERVICE_HOST: '10.0.0.1',
      GOODS_PORT: 'tcp://10.0.0.1:8081',
      GOODS_PORT_8081_TCP_ADDR: '10.0.0.1',
    })
  })

  it('accepts in one environment the settings of every process', () => {
    const all = Object.fromEntries(
      Object.entries(SETTINGS).flatMap(([name, setting]) => ('default' in setting ? [[name, setting.default]] : [])),
    )
    loadMigrateConfig({ ...all, ...ok })
    loadRegisterConfig({ ...all, ...ok })
  })

  it("understands Temporal's standard environment: TLS, API key, metadata, profiles", async () => {
    const connectionOf = (env: Environment) => loadRegisterConfig(env).temporal.connection
    assert.deepEqual(connectionOf({ TEMPORAL_API_KEY: 'key' }).tls, true)
    assert.equal(connectionOf({ TEMPORAL_API_KEY: 'key', TEMPORAL_TLS: 'false' }).tls, false)
    assert.deepEqual(connectionOf({ TEMPORAL_GRPC_META_X_TEAM: 'orders' }).metadata, { 'x-team': 'orders' })
    const { tls } = connectionOf({ TEMPORAL_TLS_CLIENT_CERT_DATA: 'crt', TEMPORAL_TLS_CLIENT_KEY_DATA: 'key' })
    assert.ok(typeof tls === 'object' && tls.clientCertPair)

    const folder = await mkdtemp(join(tmpdir(), 'order-saga-config-'))
    try {
      const file = join(folder, 'temporal.toml')
      writeFileSync(file, '[profile.cloud]\naddress = "cloud:7233"\nnamespace = "shop"\napi_key = "hush"\n')
      const { connection, namespace } = loadRegisterConfig({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'cloud' }).temporal
      assert.deepEqual([connection.address, connection.apiKey, namespace], ['cloud:7233', 'hush', 'shop'])
      assert.match(problemsOf({ ...ok, TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: 'none' }), /Profile 'none' not found/)
      writeFileSync(file, '[profile.default]\napi_key = "hush" hush\n')
      const message = problemsOf({ ...ok, TEMPORAL_CONFIG_FILE: file })
      assert.match(message, /TEMPORAL_\* /)
      assert.doesNotMatch(message, /hush/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function problemsOf(env: Environment): string {
  try {
    loadWorkerConfig(env)
  } catch (error) {
    assert.ok(error instanceof ConfigError)
    return error.message
  }
  return assert.fail('no problem was found')
}
